import { open, unlink, type FileHandle } from 'node:fs/promises';
import { batchesOf, type Batch } from './batches.js';
import { exactTime } from './exact-time.js';
import { writeError } from './local-errors.js';
import { isSmall, writeSmallFile } from './local-small-file.js';

/** Writes `bytes` into a new file and returns their number; when anything fails there is no file. */
export async function writeNewFile(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  { mode, fsync, isLocal }: { mode: number; fsync: boolean; isLocal: boolean },
): Promise<number> {
  let handle: FileHandle | undefined;
  let size = 0;
  try {
    for await (const batch of batchesOf(bytes)) {
      if (!handle && isLocal && isSmall(batch))
        return await writeSmallFile(path, batch, { mode, fsync });
      handle ??= await failing(open(path, 'wx', mode));
      await writeBatch(handle, batch, size);
      size += batch.length;
    }
    if (!handle) return size;
    const time = exactTime();
    if (isLocal) await failing(handle.utimes(time, time));
    if (fsync) await failing(handle.sync());
    await failing(handle.close());
    return size;
  } catch (error) {
    if (handle) {
      await handle.close().catch(() => undefined);
      await unlink(path).catch(() => undefined);
    }
    throw error;
  }
}

async function writeBatch(
  handle: FileHandle,
  { chunks, length }: Batch,
  position: number,
): Promise<void> {
  if (length === 0) return;
  let written = (await failing(handle.writev(chunks, position))).bytesWritten;
  if (written === length) return;
  const whole = Buffer.concat(chunks); // a short write is rare: a disk that fills up, some network mounts
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
