import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { StagedFile } from '../file/staged-file.js';
import { takeFile, type FileTarget } from './file-intake.js';
import { repairedText } from './part-headers.js';

/** What Nest's `FileInterceptor` leaves on a request: multer's file, in memory or in a folder. */
export interface MulterFile {
  readonly originalname: string;
  readonly buffer?: Uint8Array;
  readonly path?: string;
}

export function isMulterFile(value: unknown): value is MulterFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Partial<Record<keyof MulterFile, unknown>>;
  return (
    typeof file.originalname === 'string' &&
    (file.buffer instanceof Uint8Array || typeof file.path === 'string')
  );
}

/**
 * Takes a file over from multer, under the rules that it would have been received by. The one in multer's folder goes,
 * whether it is accepted or not.
 *
 * @throws as {@link takeFile}
 */
export async function takeMulterFile(
  file: MulterFile,
  target: FileTarget,
  withChecksum: boolean,
): Promise<StagedFile> {
  const bytes = bytesOf(file);
  try {
    return await takeFile(bytes, repairedText(file.originalname), target, withChecksum);
  } finally {
    await bytes.return(undefined); // closes a file that was refused by its first bytes
    if (file.path !== undefined) await rm(file.path, { force: true });
  }
}

async function* bytesOf({ buffer, path }: MulterFile): AsyncGenerator<Uint8Array> {
  if (buffer) yield buffer;
  else if (path !== undefined) yield* createReadStream(path) as AsyncIterable<Buffer>;
}
