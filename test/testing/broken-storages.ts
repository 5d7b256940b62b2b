import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { FileNotFoundError, StorageFailedError } from '../../lib/private-storage.errors.js';
import type {
  CommitOptions,
  FileStat,
  OpenedFile,
  StagedBytes,
} from '../../lib/storage/file-storage.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';

type Bytes = AsyncIterable<Uint8Array>;
type Row = [fault: string, storage: new () => MemoryStorage, promise: string];

/** What storages do wrong, each right in all the rest, and how the promise begins that it breaks. */
export const brokenStorages: Row[] = [
  ...brokenCommits(),
  ...brokenFiles(),
  ...brokenKeys(),
  ...brokenStagings(),
];

function brokenCommits(): Row[] {
  class Overwrites extends MemoryStorage {
    protected override commitObject(id: string, key: string): Promise<boolean> {
      return super.commitObject(id, key, true);
    }
  }
  class OverwritesSynchronously extends MemoryStorage {
    override commitSync(staged: StagedBytes, key: string): string {
      void super.delete(key);
      return super.commitSync(staged, key);
    }
  }
  class LooksAndThenCommits extends MemoryStorage {
    protected override async commitObject(
      id: string,
      key: string,
      overwrite: boolean,
    ): Promise<boolean> {
      if (!overwrite && (await this.exists(key))) return false;
      await setImmediate();
      return super.commitObject(id, key, true);
    }
  }
  class ForgetsTheExtension extends MemoryStorage {
    override async commit(
      staged: StagedBytes,
      key: string,
      options?: CommitOptions,
    ): Promise<string> {
      const isTaken = !options?.overwrite && (await this.exists(key));
      return super.commit(staged, isTaken ? `${key}-${randomUUID()}` : key, options);
    }
  }
  class ShowsHalves extends MemoryStorage {
    protected override async commitObject(
      id: string,
      key: string,
      overwrite: boolean,
    ): Promise<boolean> {
      const isTaken = await this.exists(key);
      if (!isTaken && !overwrite) {
        await super.put(key, bytesOf('half'), { overwrite: true });
        await setImmediate();
        await this.deleteObject(key);
      }
      return super.commitObject(id, key, overwrite);
    }
    override put(key: string, bytes: Bytes, options?: CommitOptions): Promise<string> {
      return super.put(key, bytes, { overwrite: true, ...options });
    }
  }
  class DeletesBeforeItOverwrites extends MemoryStorage {
    protected override async commitObject(
      id: string,
      key: string,
      overwrite: boolean,
    ): Promise<boolean> {
      if (overwrite) await this.deleteObject(key);
      await setImmediate();
      return super.commitObject(id, key, overwrite);
    }
  }
  class NeverOverwrites extends MemoryStorage {
    protected override commitObject(id: string, key: string): Promise<boolean> {
      return super.commitObject(id, key, false);
    }
  }
  class CommitsAgain extends MemoryStorage {
    private readonly done = new Set<string>();
    protected override async commitObject(
      id: string,
      key: string,
      overwrite: boolean,
    ): Promise<boolean> {
      if (this.done.has(id)) return true;
      const isDone = await super.commitObject(id, key, overwrite);
      if (isDone) this.done.add(id);
      return isDone;
    }
  }
  class LosesWhatItReverts extends MemoryStorage {
    protected override async revertObject(_id: string, key: string): Promise<void> {
      await this.deleteObject(key);
    }
  }
  class KeepsWhatItReverts extends MemoryStorage {
    protected override async revertObject(id: string, key: string): Promise<void> {
      const { bytes } = await whole(await this.openObject(key));
      await super.revertObject(id, key);
      await super.put(key, bytesOf(bytes));
    }
  }
  class RevertsTwice extends MemoryStorage {
    protected override revertObject(id: string, key: string): Promise<void> {
      return super.revertObject(id, key).catch(() => undefined);
    }
  }
  class DeletesNothing extends MemoryStorage {
    protected override async deleteObject(): Promise<void> {
      return undefined;
    }
  }
  class ThrowsWhenThereIsNothingToDelete extends MemoryStorage {
    protected override async deleteObject(key: string): Promise<void> {
      await this.statObject(key);
      await super.deleteObject(key);
    }
  }
  class DeletesFolders extends MemoryStorage {
    protected override async deleteObject(key: string): Promise<void> {
      const inside = this.keys().filter((other) => other.startsWith(`${key}/`));
      for (const each of [key, ...inside]) await super.deleteObject(each);
    }
  }
  return [
    ['overwrites', Overwrites, 'A taken key'],
    ['overwrites synchronously', OverwritesSynchronously, 'Where canCommitSync'],
    ['looks and then commits', LooksAndThenCommits, 'Of many commits'],
    ['forgets the extension', ForgetsTheExtension, 'A taken key'],
    ['shows halves', ShowsHalves, 'A commit is atomic'],
    ['deletes before it overwrites', DeletesBeforeItOverwrites, 'An overwrite is atomic'],
    ['never overwrites', NeverOverwrites, 'With overwrite'],
    ['commits again', CommitsAgain, 'Staged bytes are committed once'],
    ['loses what it reverts', LosesWhatItReverts, 'revert() takes the key away'],
    ['keeps what it reverts', KeepsWhatItReverts, 'revert() takes the key away'],
    ['reverts twice', RevertsTwice, 'revert() and then discard()'],
    ['deletes nothing', DeletesNothing, 'delete() takes a file away'],
    ['throws at nothing to delete', ThrowsWhenThereIsNothingToDelete, 'delete() takes a file away'],
    ['deletes folders', DeletesFolders, 'delete() takes a file away'],
  ];
}

function brokenFiles(): Row[] {
  abstract class Changed extends MemoryStorage {
    protected changedStat(stat: FileStat): FileStat {
      return stat;
    }
    protected changedFile(file: OpenedFile, _key: string): OpenedFile {
      return file;
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
      const now = (): Promise<OpenedFile> => super.openObject(key).catch(() => file);
      return {
        ...file,
        async *read(start, end) {
          yield* (await now()).read(start, end);
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
  return [
    ['loses the last byte', LosesTheLastByte, 'A file is read back'],
    ['reads too much', ReadsTooMuch, 'A range is read'],
    ['ends quietly', EndsQuietly, 'Reading past the end'],
    ['reads what is there now', ReadsWhatIsThereNow, 'An opened file stays'],
    ['closes once', ClosesOnce, 'An opened file may be closed'],
    ['tells a wrong size', WrongSize, 'stat() and open() tell'],
    ['tells a wrong time', OldTimes, 'stat() and open() tell'],
    ['has one ETag', OneETag, 'The ETag changes'],
    ['has a new ETag each time', NewETagEachTime, 'stat() and open() tell'],
    ['has weak ETags', WeakETag, 'stat() and open() tell'],
    ['opens what is missing', OpensWhatIsMissing, 'Without a file'],
    ['throws something else for what is missing', OtherError, 'Without a file'],
    ['has relative paths', RelativePath, 'localPath()'],
  ];
}

function brokenKeys(): Row[] {
  class ChecksNoKeys extends MemoryStorage {
    override stat(key: string): Promise<FileStat> {
      return this.statObject(key);
    }
  }
  class NormalizesKeys extends MemoryStorage {
    override exists(key: string): Promise<boolean> {
      return super.exists(key.replace(/^\.\//, ''));
    }
  }
  class CleansKeys extends MemoryStorage {
    override commit(staged: StagedBytes, key: string, options?: CommitOptions): Promise<string> {
      return super.commit(staged, key.replace(/ /g, '_'), options);
    }
  }
  class IgnoresCase extends MemoryStorage {
    protected override commitObject(id: string, key: string, overwrite: boolean): Promise<boolean> {
      return super.commitObject(id, key.toLowerCase(), overwrite);
    }
    protected override statObject(key: string): Promise<FileStat> {
      return super.statObject(key.toLowerCase());
    }
  }
  class TakesAnyId extends MemoryStorage {
    protected override async commitObject(
      id: string,
      key: string,
      overwrite: boolean,
    ): Promise<boolean> {
      if (typeof id === 'string' && !/^[0-9a-f-]{36}$/.test(id)) {
        await super.put(key, bytesOf('/etc/passwd'));
        return true;
      }
      return super.commitObject(id, key, overwrite);
    }
  }
  return [
    ['checks no keys', ChecksNoKeys, 'Every method refuses'],
    ['normalizes keys', NormalizesKeys, 'Every method refuses'],
    ['cleans keys', CleansKeys, 'Every key is taken'],
    ['ignores case', IgnoresCase, 'Keys that differ'],
    ['takes any id', TakesAnyId, 'A staged id'],
  ];
}

function brokenStagings(): Row[] {
  class PreparesOnce extends MemoryStorage {
    private isPrepared = false;
    override prepare(): void {
      if (this.isPrepared) throw new Error('EEXIST');
      this.isPrepared = true;
    }
  }
  class CountsWrongly extends MemoryStorage {
    override async stage(bytes: Bytes): Promise<StagedBytes> {
      return { ...(await super.stage(bytes)), size: 0 };
    }
  }
  class HandsOutItsInside extends MemoryStorage {
    private readonly handed = new WeakSet<StagedBytes>();
    override async stage(bytes: Bytes): Promise<StagedBytes> {
      const staged = await super.stage(bytes);
      this.handed.add(staged);
      return staged;
    }
    override async commit(
      staged: StagedBytes,
      key: string,
      options?: CommitOptions,
    ): Promise<string> {
      if (!this.handed.has(staged)) throw new StorageFailedError('Whose is this?');
      return super.commit(staged, key, options);
    }
  }
  class ShowsStagedBytes extends MemoryStorage {
    override async exists(key: string): Promise<boolean> {
      return /^[0-9a-f-]{36}$/.test(key) || super.exists(key);
    }
  }
  class KeepsWhatFailed extends MemoryStorage {
    override async stage(bytes: Bytes): Promise<StagedBytes> {
      const received: Uint8Array[] = [];
      try {
        for await (const chunk of bytes) received.push(chunk);
      } catch (error) {
        await super.stage(bytesOf(Buffer.concat(received)));
        throw error;
      }
      return super.stage(bytesOf(Buffer.concat(received)));
    }
  }
  class HidesTheError extends MemoryStorage {
    override stage(bytes: Bytes): Promise<StagedBytes> {
      return super.stage(bytes).catch(() => Promise.reject(new StorageFailedError('Something.')));
    }
  }
  class KeepsMemory extends MemoryStorage {
    override async put(key: string, bytes: Bytes, options?: CommitOptions): Promise<string> {
      const received: Uint8Array[] = [];
      for await (const chunk of bytes) received.push(chunk);
      return super.put(key, bytesOf(Buffer.concat(received)), options);
    }
  }
  class DiscardsNothing extends MemoryStorage {
    override async discard(): Promise<void> {
      return undefined;
    }
  }
  class DiscardsOnce extends MemoryStorage {
    override async discard(staged: StagedBytes): Promise<void> {
      const before = this.stagedCount;
      await super.discard(staged);
      if (before === this.stagedCount) throw new FileNotFoundError();
    }
  }
  class DiscardsFiles extends MemoryStorage {
    private readonly keyOf = new Map<string, string>();
    override async commit(
      staged: StagedBytes,
      key: string,
      options?: CommitOptions,
    ): Promise<string> {
      const given = await super.commit(staged, key, options);
      this.keyOf.set(staged.id, given);
      return given;
    }
    override async discard(staged: StagedBytes): Promise<void> {
      await super.discard(staged);
      await super.delete(this.keyOf.get(staged.id) ?? 'none');
    }
  }
  class SweepsWhatIsFresh extends MemoryStorage {
    override sweep(): Promise<number> {
      return super.sweep(new Date(8_640_000_000_000_000));
    }
  }
  class SweepsNothing extends MemoryStorage {
    override async sweep(): Promise<number> {
      return 0;
    }
  }
  class SweepsFiles extends MemoryStorage {
    override async sweep(before: Date): Promise<number> {
      if (before > new Date()) for (const key of this.keys()) await this.deleteObject(key);
      return super.sweep(before);
    }
  }
  return [
    ['is prepared once', PreparesOnce, 'prepare()'],
    ['counts wrongly', CountsWrongly, 'stage() tells the size'],
    ['hands out its inside', HandsOutItsInside, 'stage() tells the size'],
    ['shows staged bytes', ShowsStagedBytes, 'No key leads'],
    ['keeps what failed', KeepsWhatFailed, 'When the source'],
    ['hides the error', HidesTheError, 'When the source'],
    ['keeps memory that is not its own', KeepsMemory, 'put() takes a source'],
    ['discards nothing', DiscardsNothing, 'discard() throws staged bytes away'],
    ['discards once', DiscardsOnce, 'discard() throws staged bytes away'],
    ['discards files', DiscardsFiles, 'discard() after a commit'],
    ['sweeps what is fresh', SweepsWhatIsFresh, 'sweep() leaves'],
    ['sweeps nothing', SweepsNothing, 'sweep() removes'],
    ['sweeps files', SweepsFiles, 'sweep() leaves'],
  ];
}

async function* bytesOf(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

async function whole(opened: OpenedFile): Promise<{ bytes: Buffer }> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.read(0, opened.stat.size)) chunks.push(Buffer.from(chunk));
  return { bytes: Buffer.concat(chunks) };
}
