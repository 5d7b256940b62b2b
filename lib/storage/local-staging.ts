import { open, unlink, type FileHandle } from 'node:fs/promises';
import { writeError } from './local-errors.js';

const BATCH_BYTES = 512 * 1024;
/** Somebody who sends byte by byte must not make us keep half a million of them apart. */
const BATCH_CHUNKS = 256;

/** Writes `bytes` into a new file and returns their number; when anything fails there is no file. */
export async function writeNewFile(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  { mode, fsync }: { mode: number; fsync: boolean },
): Promise<number> {
  const handle = await failing(open(path, 'wx', mode));
  try {
    const size = await writeAll(handle, bytes);
    if (fsync) await failing(handle.sync());
    await failing(handle.close());
    return size;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(path).catch(() => undefined);
    throw error;
  }
}

/** Few large writes: what arrives in pieces of the network's size is collected first. */
async function writeAll(handle: FileHandle, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  let batch: Uint8Array[] = [];
  let batched = 0;
  for await (const chunk of bytes) {
    batch.push(chunk);
    batched += chunk.length;
    if (batched < BATCH_BYTES && batch.length < BATCH_CHUNKS) continue;
    await writeBatch(handle, batch, batched, size);
    size += batched;
    batch = [];
    batched = 0;
  }
  if (batched > 0) await writeBatch(handle, batch, batched, size);
  return size + batched;
}

async function writeBatch(
  handle: FileHandle,
  batch: Uint8Array[],
  length: number,
  position: number,
): Promise<void> {
  let written = (await failing(handle.writev(batch, position))).bytesWritten;
  if (written === length) return;
  const whole = Buffer.concat(batch); // a short write is rare: a disk that fills up, some network mounts
  while (written < length) {
    const rest = handle.write(whole, written, length - written, position + written);
    written += (await failing(rest)).bytesWritten;
  }
}

/** System errors become the library's; errors of the source of the bytes are left alone. */
async function failing<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw writeError(error);
  }
}
