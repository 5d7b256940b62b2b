import { randomUUID } from 'node:crypto';
import { StorageFailedError } from '../../../lib/private-storage.errors.js';
import type { FileStat, OpenedFile, OpenOptions } from '../../../lib/storage/opened-file.js';
import { MemoryStorage } from '../../../lib/storage/memory-storage.js';
import { bytesOf } from '../../storage/bytes.js';
import type { Row } from './row.js';

export function brokenFiles(): Row[] {
  abstract class Changed extends MemoryStorage {
    protected changedStat(stat: FileStat): FileStat {
      return stat;
    }
    protected changedFile(file: OpenedFile, _key: string): OpenedFile {
      return file;
    }
    protected openUnchanged(key: string): Promise<OpenedFile> {
      return super.openObject(key);
    }
    protected override async statObject(key: string): Promise<FileStat> {
      return this.changedStat(await super.statObject(key));
    }
    protected override async openObject(key: string): Promise<OpenedFile> {
      const opened = await super.openObject(key);
      return this.changedFile({ ...opened, stat: this.changedStat(opened.stat) }, key);
    }
  }
  class LosesTheLastByte extends Changed {
    protected override changedFile(file: OpenedFile): OpenedFile {
      const last = Math.max(0, file.stat.size - 1);
      return { ...file, read: (start, end) => file.read(start, Math.min(end, last)) };
    }
  }
  class ReadsTooMuch extends Changed {
    protected override changedFile(file: OpenedFile): OpenedFile {
      const { size } = file.stat;
      return { ...file, read: (start, end) => file.read(start, end < size ? end + 1 : end) };
    }
  }
  class EndsQuietly extends Changed {
    protected override changedFile(file: OpenedFile): OpenedFile {
      return { ...file, read: (start, end) => file.read(start, Math.min(end, file.stat.size)) };
    }
  }
  class ReadsWhatIsThereNow extends Changed {
    protected override changedFile(file: OpenedFile, key: string): OpenedFile {
      const now = (): Promise<OpenedFile> => this.openUnchanged(key).catch(() => file);
      return {
        ...file,
        async *read(start, end) {
          yield* (await now()).read(start, end);
        },
      };
    }
  }
  class CountsFromWhatIsExpected extends Changed {
    protected override async openObject(key: string, options?: OpenOptions): Promise<OpenedFile> {
      const file = await super.openObject(key);
      const shift = typeof options?.expect === 'object' ? options.expect.start : 0;
      return { ...file, read: (start, end) => file.read(start + shift, end + shift) };
    }
  }
  class RefusesGuesses extends Changed {
    protected override async openObject(key: string, options?: OpenOptions): Promise<OpenedFile> {
      const file = await super.openObject(key);
      const { expect } = options ?? {};
      if (typeof expect !== 'object' || expect.start < file.stat.size) return file;
      throw new StorageFailedError('416 Requested Range Not Satisfiable');
    }
  }
  class UsesMemoryAgain extends Changed {
    protected override changedFile(file: OpenedFile): OpenedFile {
      const memory = Buffer.alloc(64 * 1024);
      return {
        ...file,
        async *read(start, end) {
          for (let at = start; at < end; at += memory.length) {
            const size = Math.min(memory.length, end - at);
            for await (const chunk of file.read(at, at + size)) memory.set(chunk);
            yield memory.subarray(0, size);
          }
        },
      };
    }
  }
  class HandsOutItsBytes extends Changed {
    private readonly contents = new Map<string, Buffer>();
    protected override changedFile(file: OpenedFile): OpenedFile {
      const { contents } = this;
      const { etag, size } = file.stat;
      return {
        ...file,
        async *read(start, end) {
          const chunks: Uint8Array[] = [];
          if (!contents.has(etag)) for await (const chunk of file.read(0, size)) chunks.push(chunk);
          const content = contents.get(etag) ?? Buffer.concat(chunks);
          contents.set(etag, content);
          if (end > size) yield* file.read(start, end);
          else yield content.subarray(start, end);
        },
      };
    }
  }
  class ClosesOnce extends Changed {
    protected override changedFile(file: OpenedFile): OpenedFile {
      let isClosed = false;
      const close = async (): Promise<void> => {
        if (isClosed) throw new Error('EBADF');
        isClosed = true;
      };
      return { ...file, close };
    }
  }
  class WrongSize extends Changed {
    protected override changedStat(stat: FileStat): FileStat {
      return { ...stat, size: stat.size + 1 };
    }
  }
  class OldTimes extends Changed {
    protected override changedStat(stat: FileStat): FileStat {
      return { ...stat, lastModified: new Date(0) };
    }
  }
  class OneETag extends Changed {
    protected override changedStat(stat: FileStat): FileStat {
      return { ...stat, etag: '"1"' };
    }
  }
  class NewETagEachTime extends Changed {
    protected override changedStat(stat: FileStat): FileStat {
      return { ...stat, etag: `"${randomUUID()}"` };
    }
  }
  class WeakETag extends Changed {
    protected override changedStat(stat: FileStat): FileStat {
      return { ...stat, etag: `W/${stat.etag}` };
    }
  }
  class OpensWhatIsMissing extends MemoryStorage {
    protected override async openObject(key: string): Promise<OpenedFile> {
      if (!(await this.exists(key))) await super.put(key, bytesOf(''));
      return super.openObject(key);
    }
  }
  class OtherError extends MemoryStorage {
    protected override statObject(key: string): Promise<FileStat> {
      return super.statObject(key).catch(() => Promise.reject(new StorageFailedError('ENOENT')));
    }
  }
  class RelativePath extends MemoryStorage {
    protected override objectPath(key: string): string {
      return key;
    }
  }
  class SignsNothing extends MemoryStorage {
    override readonly canSignUrls = true;
  }
  class SignsPaths extends MemoryStorage {
    override readonly canSignUrls = true;
    protected override async signObjectUrl(key: string): Promise<string> {
      return `/signed/${key}`;
    }
  }
  return [
    ['loses the last byte', LosesTheLastByte, 'A file is read back'],
    ['reads too much', ReadsTooMuch, 'A range is read'],
    ['ends quietly', EndsQuietly, 'Reading past the end'],
    ['reads what is there now', ReadsWhatIsThereNow, 'An opened file stays'],
    ['counts from what is expected', CountsFromWhatIsExpected, 'Whatever open() is told'],
    ['refuses guesses', RefusesGuesses, 'Whatever open() is told'],
    ['uses memory again', UsesMemoryAgain, 'A chunk stays'],
    ['hands out its bytes', HandsOutItsBytes, 'A chunk stays'],
    ['closes once', ClosesOnce, 'An opened file may be closed'],
    ['tells a wrong size', WrongSize, 'stat() and open() tell'],
    ['tells a wrong time', OldTimes, 'stat() and open() tell'],
    ['has one ETag', OneETag, 'The ETag changes'],
    ['has a new ETag each time', NewETagEachTime, 'stat() and open() tell'],
    ['has weak ETags', WeakETag, 'stat() and open() tell'],
    ['opens what is missing', OpensWhatIsMissing, 'Without a file'],
    ['throws something else for what is missing', OtherError, 'Without a file'],
    ['has relative paths', RelativePath, 'localPath()'],
    ['says that it signs, and does not', SignsNothing, 'Where canSignUrls'],
    ['signs paths', SignsPaths, 'Where canSignUrls'],
  ];
}
