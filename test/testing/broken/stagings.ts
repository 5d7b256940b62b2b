import { FileNotFoundError, StorageFailedError } from '../../../lib/private-storage.errors.js';
import type { CommitOptions, StagedBytes } from '../../../lib/storage/file-storage.js';
import { MemoryStorage } from '../../../lib/storage/memory-storage.js';
import { bytesOf } from '../../storage/bytes.js';
import type { Row } from './row.js';

export function brokenStagings(): Row[] {
  class PreparesOnce extends MemoryStorage {
    private isPrepared = false;
    override prepare(): void {
      if (this.isPrepared) throw new Error('EEXIST');
      this.isPrepared = true;
    }
  }
  class CountsWrongly extends MemoryStorage {
    override async stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
      return { ...(await super.stage(bytes)), size: 0 };
    }
  }
  class HandsOutItsInside extends MemoryStorage {
    private readonly handed = new WeakSet<StagedBytes>();
    override async stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
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
    override async stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
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
    override stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
      return super.stage(bytes).catch(() => Promise.reject(new StorageFailedError('Something.')));
    }
  }
  class KeepsMemory extends MemoryStorage {
    override async put(
      key: string,
      bytes: AsyncIterable<Uint8Array>,
      options?: CommitOptions,
    ): Promise<string> {
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
