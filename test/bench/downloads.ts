import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { StoredFile } from 'nestjs-private-storage';
import { DOWNLOAD_ROWS, headersOf, type DownloadRow, type Goal } from './download-rows.js';
import type { Contestant } from './corner.js';
import { answerTo } from './http-request.js';
import { writeSampleFile } from './sample-files.js';
import type { ServerCommand } from './server-process.js';
import { AUTHORIZATION } from './servers/guards.js';
import { prepareNginx } from './servers/nginx.js';
import { ADAPTERS, environmentOf, type Adapter } from './servers/settings.js';

/** One line of the table. */
export interface DownloadDuel {
  readonly row: DownloadRow;
  readonly adapter: Adapter;
  readonly ours: Contestant;
  readonly theirs: Contestant;
  readonly goal?: Goal;
}

/** How a side is started, and where it has its files. */
interface Side {
  readonly name: string;
  readonly server: (adapter: Adapter) => ServerCommand;
  readonly path: (file: StoredFile) => string;
}

/** Writes the files into `folder` and lists who is measured against whom. */
export async function downloadDuels(folder: string, withNginx: boolean): Promise<DownloadDuel[]> {
  const root = join(folder, 'files');
  const sizes = new Set(DOWNLOAD_ROWS.map(({ bytes }) => bytes));
  const files = [...sizes].map((size) => writeSampleFile(root, size));
  const node = (program: string) => (adapter: Adapter) => ({
    command: process.execPath,
    args: [fileURLToPath(new URL(`./servers/${program}.js`, import.meta.url))],
    env: environmentOf({ adapter, root, files }),
  });
  const byId = ({ name }: StoredFile) => `/files/${name}`;
  const byObject: Side = {
    name: 'by object',
    server: node('library'),
    path: ({ name }) => `/dossiers/${name}/file`,
  };
  const nginxFolder = join(folder, 'nginx');
  mkdirSync(nginxFolder);
  const behindNginx: Side = {
    ...byObject,
    name: 'behind nginx',
    server: (adapter) => ({
      ...byObject.server(adapter),
      env: environmentOf({ adapter, root, files, nginxFolder }),
    }),
  };
  const byKey: Side = {
    name: 'by key',
    server: node('library'),
    path: ({ key }) => `/private-media/${key}`,
  };
  const streamable: Side = { name: 'StreamableFile', server: node('streamable-file'), path: byId };
  const sendFile: Side = { name: 'sendFile', server: node('send-file'), path: byId };
  const nginx = withNginx ? await nginxSide(folder, root) : undefined;

  return DOWNLOAD_ROWS.flatMap((row) =>
    ADAPTERS.flatMap((adapter) => {
      const contestant = ({ name, server, path }: Side): Contestant => {
        const file = files.find(({ size }) => size === row.bytes);
        if (!file) throw new Error(`No file of ${row.bytes} bytes was written.`);
        return { name, server: server(adapter), request: asking(row, path(file)) };
      };
      const pair = (ours: Side, theirs: Side, goal?: Goal): DownloadDuel => ({
        row,
        adapter,
        ours: contestant(ours),
        theirs: contestant(theirs),
        goal,
      });
      const goal = row.goals[adapter];
      // A StreamableFile knows neither ranges nor ETags.
      const rival = row.question === 'whole' ? streamable : sendFile;
      const behind = nginx && row.behindNginx;
      return [
        pair(byObject, rival, goal),
        pair(byKey, rival, goal),
        ...(rival === sendFile ? [] : [pair(byKey, sendFile)]),
        ...(nginx ? [pair(byKey, nginx)] : []),
        ...(behind
          ? [
              pair(behindNginx, byObject),
              pair(behindNginx, streamable, behind[adapter].streamable),
              pair(behindNginx, nginx, behind[adapter].nginx),
            ]
          : []),
      ];
    }),
  );
}

function asking(row: DownloadRow, path: string): Contestant['request'] {
  const login = { Authorization: AUTHORIZATION };
  return async (url) => {
    const whole = { path, headers: login };
    if (row.question !== 'unchanged') return { path, headers: { ...login, ...headersOf(row, '') } };
    const { etag = '' } = (await answerTo(url, whole)).headers;
    return { path, headers: { ...login, ...headersOf(row, etag) } };
  };
}

async function nginxSide(folder: string, root: string): Promise<Side> {
  const { args, url } = await prepareNginx(folder, root);
  return {
    name: 'nginx',
    server: () => ({ command: 'nginx', args, url }),
    path: ({ key }) => `/${key}`,
  };
}
