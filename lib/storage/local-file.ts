import {
  close,
  closeSync,
  constants,
  fstatSync,
  open,
  openSync,
  read,
  readSync,
  readlinkSync,
  realpath,
} from 'node:fs';
import {
  FileChangedError,
  FileNotFoundError,
  StorageFailedError,
} from '../private-storage.errors.js';
import type { FileStat, OpenedFile, ReadOptions } from './opened-file.js';
import { CHUNK_BYTES, type BufferPool } from './buffer-pool.js';
import { readError, storageError } from './local-errors.js';
import type { WarmFiles } from './warm-files.js';

/** Windows has neither of them. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as {
  O_NOFOLLOW?: number;
  O_NONBLOCK?: number;
};

/** A symbolic link is no file; opening a FIFO does not wait for a writer. */
const FLAGS = constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** What the files of a storage are opened with. */
export interface Opening {
  readonly pool: BufferPool;
  /** Those that were opened before. */
  readonly warm: WarmFiles;
}

/** Opens the regular file that is exactly at `path`: not one that a link or another spelling leads to. */
export async function openLocalFile(path: string, opening: Opening): Promise<OpenedFile> {
  const { warm } = opening;
  const known = warm.at(path);
  const isWarm = known !== undefined;
  const descriptor = await descriptorOf(path, isWarm);
  try {
    const stats = fstatSync(descriptor); // of an open file: no disk involved
    if (known?.isSurely(stats)) return new LocalFile(descriptor, known.stat, opening, isWarm);
    await assertExactPath(descriptor, path);
    return new LocalFile(descriptor, warm.add(path, stats).stat, opening, isWarm);
  } catch (error) {
    closeSync(descriptor);
    throw readError(error);
  }
}

async function descriptorOf(path: string, isWarm: boolean): Promise<number> {
  try {
    if (isWarm) return openSync(path, FLAGS);
    return await new Promise<number>((resolve, reject) => {
      open(path, FLAGS, (error, descriptor) => (error ? reject(error) : resolve(descriptor)));
    });
  } catch (error) {
    throw readError(error);
  }
}

/**
 * O_NOFOLLOW looks at the last segment only. A linked folder, and the other spellings that macOS and Windows take for
 * the same file, are found by asking for the name of what was really opened.
 */
async function assertExactPath(descriptor: number, path: string): Promise<void> {
  const opened =
    process.platform === 'linux'
      ? readlinkSync(`/proc/self/fd/${descriptor}`) // no disk involved: cheaper than a turn in the thread pool
      : await new Promise<string>((resolve, reject) => {
          realpath.native(path, (error, real) => (error ? reject(error) : resolve(real)));
        });
  if (opened !== path && opened !== `${path} (deleted)`) throw new FileNotFoundError();
}

/** Copied faster than a thread is woken. */
const SMALL_READ_BYTES = 64 * 1024;

class LocalFile implements OpenedFile {
  private isClosed = false;
  private reads = 0;
  private freed: () => void;

  constructor(
    private readonly descriptor: number,
    readonly stat: FileStat,
    private readonly opening: Opening,
    /** No disk is waited for. */
    private readonly isWarm: boolean,
  ) {}

  async *read(
    start: number,
    end: number,
    { reuse = false }: ReadOptions = {},
  ): AsyncGenerator<Uint8Array> {
    const size = Math.min(end - start, CHUNK_BYTES);
    const reused = reuse ? this.opening.pool.take(size) : undefined;
    try {
      for (let position = start; position < end;) {
        const buffer = reused ?? Buffer.allocUnsafe(size);
        const length = await this.readInto(buffer, Math.min(size, end - position), position);
        if (length === 0) {
          throw new FileChangedError('The file became shorter while it was being read.');
        }
        position += length;
        yield length === buffer.length ? buffer : buffer.subarray(0, length);
      }
    } finally {
      if (reused) this.opening.pool.give(reused);
    }
  }

  close(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    this.isClosed = true;
    return new Promise((resolve) => {
      this.freed = resolve;
      this.freeWhenIdle();
    });
  }

  private readInto(buffer: Buffer, length: number, position: number): number | Promise<number> {
    // The number of a closed descriptor soon is another file's.
    if (this.isClosed) throw new StorageFailedError('The file was closed.');
    if (this.isWarm && length <= SMALL_READ_BYTES) return this.readNow(buffer, length, position);
    this.reads++;
    return new Promise((resolve, reject) => {
      read(this.descriptor, buffer, 0, length, position, (error, count) => {
        this.reads--;
        if (error) reject(storageError(error));
        else resolve(count);
        this.freeWhenIdle();
      });
    });
  }

  private readNow(buffer: Buffer, length: number, position: number): number {
    try {
      return readSync(this.descriptor, buffer, 0, length, position);
    } catch (error) {
      throw storageError(error);
    }
  }

  private freeWhenIdle(): void {
    if (!this.isClosed || this.reads > 0) return;
    const { descriptor, freed } = this;
    if (this.isSlowToClose()) {
      close(descriptor, () => freed());
      return;
    }
    try {
      closeSync(descriptor);
    } catch {
      // As above: the bytes have been read.
    }
    freed();
  }

  /** A network may be waited for; and the blocks of a large file that was deleted are freed when it is closed. */
  private isSlowToClose(): boolean {
    if (!this.opening.warm.isLocal) return true;
    return this.stat.size > CHUNK_BYTES && fstatSync(this.descriptor).nlink === 0;
  }
}
