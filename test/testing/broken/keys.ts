import type { CommitOptions, StagedBytes } from '../../../lib/storage/file-storage.js';
import type { FileStat } from '../../../lib/storage/opened-file.js';
import { MemoryStorage } from '../../../lib/storage/memory-storage.js';
import { bytesOf } from '../../storage/bytes.js';
import type { Row } from './row.js';

export function brokenKeys(): Row[] {
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
