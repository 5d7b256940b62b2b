import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { CommitOptions, StagedBytes } from '../../../lib/storage/file-storage.js';
import { MemoryStorage } from '../../../lib/storage/memory-storage.js';
import { bytesOf, read } from '../../storage/bytes.js';
import type { Row } from './row.js';

export function brokenCommits(): Row[] {
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
    override put(
      key: string,
      bytes: AsyncIterable<Uint8Array>,
      options?: CommitOptions,
    ): Promise<string> {
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
      const bytes = await read(this, key);
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
