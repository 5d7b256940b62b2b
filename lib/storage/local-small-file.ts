import {
  closeSync,
  fsync,
  futimesSync,
  openSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Batch } from './batches.js';
import { exactTime } from './exact-time.js';
import { writeError } from './local-errors.js';

const SMALL_FILE_BYTES = 128 * 1024;
const flush = promisify(fsync);

/** Whether a whole file is here already, and so small that waiting for the thread pool costs more than writing it. */
export function isSmall({ length, isLast }: Batch): boolean {
  return isLast && length <= SMALL_FILE_BYTES;
}

/**
 * Writes a new file, synchronously up to the flush, and returns its size; when anything fails there is no file.
 *
 * @throws StorageFullError, StorageFailedError
 */
export async function writeSmallFile(
  path: string,
  { chunks, length }: Batch,
  options: { mode: number; fsync: boolean },
): Promise<number> {
  try {
    const descriptor = openSync(path, 'wx', options.mode);
    try {
      writeAll(descriptor, chunks, length);
      const time = exactTime();
      futimesSync(descriptor, time, time);
      if (options.fsync) await flush(descriptor);
    } catch (error) {
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw writeError(error);
  }
  return length;
}

function writeAll(descriptor: number, chunks: readonly Uint8Array[], length: number): void {
  if (length === 0) return;
  let written = writevSync(descriptor, chunks);
  if (written === length) return;
  const whole = Buffer.concat(chunks); // a short write is rare: a disk that fills up, some network mounts
  while (written < length) written += writeSync(descriptor, whole, written);
}
