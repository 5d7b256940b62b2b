import type { Stats } from 'node:fs';
import { FileNotFoundError } from '../private-storage.errors.js';
import type { FileStat } from './opened-file.js';

const MAX_FILES = 4096;

/** For so long a file's place is taken to be what it was: a folder above it may be moved, and a link put in its place. */
const CERTAIN_MS = 1000;

/** A regular file that was found at exactly its path, not where a link led. */
class WarmFile {
  private readonly etag: string;
  private readonly foundAt = performance.now();

  constructor(private readonly found: Stats) {
    this.etag = etagOf(found);
  }

  /**
   * Whether what is found now is that very file, with the bytes it had, and found so lately that where it lies need not
   * be asked again. A `ctime` cannot be set, so that no other file is taken for it.
   */
  isSurely({ dev, ino, size, mtimeMs, ctimeMs }: Stats): boolean {
    const { found, foundAt } = this;
    return (
      ino === found.ino &&
      ctimeMs === found.ctimeMs &&
      mtimeMs === found.mtimeMs &&
      size === found.size &&
      dev === found.dev &&
      performance.now() - foundAt < CERTAIN_MS
    );
  }

  get stat(): FileStat {
    const { size, mtimeMs, ctimeMs } = this.found;
    const { etag } = this;
    return {
      size,
      lastModified: new Date(Math.floor(mtimeMs)),
      etag,
      changedAt: new Date(Math.floor(ctimeMs)),
    };
  }
}

/**
 * Files that were used lately on a disk of this machine, by their paths. What using one again needs is in the kernel's
 * memory: a turn in the thread pool costs more than the call, and the event loop waits for no disk and no network.
 */
export class WarmFiles {
  private readonly files = new Map<string, WarmFile>();

  /** On a file system that is not local no file is ever warm. */
  constructor(readonly isLocal: boolean) {}

  at(path: string): WarmFile | undefined {
    return this.files.get(path);
  }

  /** Of a file that was found at exactly `path`. @throws FileNotFoundError when it is no regular file. */
  add(path: string, found: Stats): WarmFile {
    if (!found.isFile()) throw new FileNotFoundError();
    const file = new WarmFile(found);
    if (!this.isLocal) return file;
    if (this.files.size >= MAX_FILES) this.files.clear();
    this.files.set(path, file);
    return file;
  }
}

/**
 * A new file under an old name has another inode; one that was written again has other times, to some 200 ns where the
 * kernel is that exact, and a changed `ctime` even when the old `mtime` was put back.
 */
function etagOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  const parts = [ino, size, mtimeMs * 4096, ctimeMs * 4096];
  return `"${parts.map((part) => Math.round(part).toString(36)).join('-')}"`;
}
