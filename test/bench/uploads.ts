import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './corner.js';
import type { Goal } from './download-rows.js';
import { ADAPTERS, environmentOf, type Adapter } from './servers/settings.js';
import { uploadEnvironment, type UploadSettings } from './servers/upload-settings.js';
import { uploadRequest } from './upload-body.js';
import { UPLOAD_ROWS, type UploadRow } from './upload-rows.js';

/** One line of the tables. */
export interface UploadDuel {
  readonly row: UploadRow;
  readonly adapter: Adapter;
  readonly ours: Contestant;
  readonly theirs: Contestant;
  readonly goal?: Goal;
}

const RIVALS = { express: 'multer', fastify: 'fastify-multipart' } as const;

/** Who receives files in `folder`, which is in memory: the disk is not what is measured. */
export function uploadDuels(folder: string): UploadDuel[] {
  return UPLOAD_ROWS.flatMap((row) =>
    ADAPTERS.flatMap((adapter) =>
      (['plain', 'checksum'] as const).map((kind) => {
        const settings = { fsync: false, checksum: kind === 'checksum' };
        return {
          row,
          adapter,
          ours: receiver(`upload ${kind}`, 'library', folder, row, adapter, settings),
          theirs: receiver(RIVALS[adapter], RIVALS[adapter], folder, row, adapter, settings),
          goal: row.goals[kind],
        };
      }),
    ),
  );
}

/** Who receives files in `folder`, which is on a disk: what it costs to wait for that. */
export function flushedUploadDuels(folder: string): UploadDuel[] {
  const flushed = { fsync: true, checksum: false };
  const unflushed = { fsync: false, checksum: false };
  return UPLOAD_ROWS.flatMap((row) =>
    ADAPTERS.flatMap((adapter) => {
      const ours = receiver('upload fsync', 'library', folder, row, adapter, flushed);
      const rival = RIVALS[adapter];
      return [
        { row, adapter, ours, theirs: receiver(rival, rival, folder, row, adapter, unflushed) },
        {
          row,
          adapter,
          ours,
          theirs: receiver('upload plain', 'library', folder, row, adapter, unflushed),
        },
      ];
    }),
  );
}

function receiver(
  name: string,
  program: string,
  folder: string,
  { bytes }: UploadRow,
  adapter: Adapter,
  settings: UploadSettings,
): Contestant {
  const root = join(folder, name.replace(' ', '-'));
  return {
    name,
    server: {
      command: process.execPath,
      args: [fileURLToPath(new URL(`./servers/upload-${program}.js`, import.meta.url))],
      env: { ...environmentOf({ adapter, root, files: [] }), ...uploadEnvironment(settings) },
    },
    request: () => Promise.resolve(uploadRequest(bytes)),
    tidy: () => removeFiles(root),
  };
}

/** The folders stay: the servers run on. */
function removeFiles(root: string): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) rmSync(join(entry.parentPath, entry.name));
  }
}
