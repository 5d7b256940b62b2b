import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  FileNotFoundError,
  StorageFailedError,
  StorageFullError,
} from '../../lib/private-storage.errors.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { itIf } from '../programs.js';
import { put, readText, stage } from './bytes.js';
import { describeWithMounts, mountTmpfs, remountReadOnly, unmountAll } from './mounts.js';
import { filesIn, temporaryFolder } from './temporary-folder.js';

afterEach(unmountAll); // before the folder is removed
const at = temporaryFolder();
const create = (): LocalStorage => new LocalStorage({ root: at('root') });

describeWithMounts('full disks, read-only disks, mounts below the root')('a disk', () => {
  it('that fills up throws StorageFullError, and nothing is left', async () => {
    mountTmpfs(at('root'), 'size=1m');
    const storage = create();
    await put(storage, 'small.txt', 'small');
    const free = statfsSync(at('root')).bfree;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(100_000, 'x');
    }
    await expect(storage.stage(endless())).rejects.toThrow(StorageFullError);
    await expect(storage.put('large.bin', endless())).rejects.toThrow(StorageFullError);
    expect(filesIn(at('root'))).toEqual(['small.txt']);
    expect(statfsSync(at('root')).bfree).toBe(free);
    expect(await put(storage, 'another.txt', 'small')).toBe('another.txt');
  });

  it('that has no room for one more name throws StorageFullError, and the upload can be discarded', async () => {
    mountTmpfs(at('root'), 'size=1m,nr_inodes=7');
    const storage = create();
    const staged = await stage(storage, 'x');
    for (let i = 0; statfsSync(at('root')).ffree > 0; i++)
      writeFileSync(at('root', `filler${i}`), '');
    const before = filesIn(at('root'));
    await expect(storage.commit(staged, 'file.txt')).rejects.toThrow(StorageFullError);
    expect(() => storage.commitSync(staged, 'folder/file.txt')).toThrow(StorageFullError);
    expect(filesIn(at('root'))).toEqual(before);
    await storage.discard(staged);
    expect(readdirSync(at('root', '.staging'))).toEqual([]);
  });

  it('that will not let go of one staged file keeps no other', async () => {
    const storage = create();
    storage.prepare();
    mkdirSync(at('root', '.staging', '.nfs0001'));
    mountTmpfs(at('root', '.staging', '.nfs0001'), 'size=1m');
    for (let i = 0; i < 30; i++) await stage(storage, 'x');
    const inAnHour = new Date(Date.now() + 3_600_000);
    await expect(storage.sweep(inAnHour)).rejects.toThrow(StorageFailedError);
    expect(readdirSync(at('root', '.staging'))).toEqual(['.nfs0001']);
  });

  it('that is full at start-up still gives out its files', async () => {
    mountTmpfs(at('root'), 'size=1m,nr_inodes=7');
    await put(create(), 'file.txt', 'content');
    for (let i = 0; statfsSync(at('root')).ffree > 0; i++)
      writeFileSync(at('root', `filler${i}`), '');
    const storage = create();
    storage.prepare();
    expect(await readText(storage, 'file.txt')).toBe('content');
    await expect(stage(storage, 'x')).rejects.toThrow(StorageFullError);
  });

  it('that becomes read-only still gives out its files, and fails what writes', async () => {
    mountTmpfs(at('root'), 'size=1m');
    const storage = create();
    await put(storage, 'file.txt', 'content');
    const staged = await stage(storage, 'x');
    remountReadOnly(at('root'));
    expect(await readText(storage, 'file.txt')).toBe('content');
    await expect(stage(storage, 'x')).rejects.toThrow(StorageFailedError);
    await expect(storage.commit(staged, 'a')).rejects.toThrow(StorageFailedError);
    await expect(storage.commit(staged, 'new/a')).rejects.toThrow(StorageFailedError);
    await expect(storage.delete('file.txt')).rejects.toThrow(StorageFailedError);
    await expect(storage.revert(staged, 'file.txt')).rejects.toThrow(StorageFailedError);
    await expect(storage.discard(staged)).rejects.toThrow(StorageFailedError);
    await expect(storage.sweep(new Date(Date.now() + 1_000))).rejects.toThrow(StorageFailedError);
    expect(() => create().prepare()).toThrow(ConfigurationError);
    expect(() => create().prepare()).toThrow(/cannot be written to; give a folder that belongs to/);
  });

  it('mounted below the root is read from, but nothing is committed across', async () => {
    mkdirSync(at('root'));
    mountTmpfs(at('root', 'mounted'), 'size=1m');
    writeFileSync(at('root', 'mounted', 'file.txt'), 'content');
    const storage = create();
    expect(await readText(storage, 'mounted/file.txt')).toBe('content');
    const staged = await stage(storage, 'x');
    await expect(storage.commit(staged, 'mounted/a')).rejects.toThrow(
      /another file system than the root/,
    );
    await expect(storage.commit(staged, 'mounted/file.txt', { overwrite: true })).rejects.toThrow(
      StorageFailedError,
    );
    expect(await readText(storage, 'mounted/file.txt')).toBe('content');
    expect(await storage.commit(staged, 'elsewhere')).toBe('elsewhere');
  });
});

describe('a root that goes away while the storage is in use', () => {
  it('is not made again: reading finds nothing, writing fails', async () => {
    const storage = create();
    await put(storage, 'file.txt', 'content');
    const staged = await stage(storage, 'x');
    rmSync(at('root'), { recursive: true });
    await expect(storage.open('file.txt')).rejects.toThrow(FileNotFoundError);
    expect(await storage.exists('file.txt')).toBe(false);
    await storage.delete('file.txt');
    await storage.discard(staged);
    await expect(stage(storage, 'x')).rejects.toThrow(StorageFailedError);
    await expect(storage.commit(staged, 'a/b')).rejects.toThrow('gone');
    await expect(storage.sweep(new Date())).rejects.toThrow(StorageFailedError);
    expect(readdirSync(at())).toEqual([]);
  });
});

const withAttributes = itIf(maySetAttributes(), 'no chattr, for uploads that cannot be unstaged');
withAttributes('a commit whose upload cannot be unstaged leaves no file', async () => {
  const storage = create();
  const staged = await stage(storage, 'x');
  execFileSync('chattr', ['+a', at('root', '.staging')]);
  try {
    await expect(storage.commit(staged, 'file.txt')).rejects.toThrow(StorageFailedError);
  } finally {
    execFileSync('chattr', ['-a', at('root', '.staging')]);
  }
  expect(await storage.exists('file.txt')).toBe(false);
  expect(await storage.commit(staged, 'file.txt')).toBe('file.txt');
});

function maySetAttributes(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'attributes-'));
  try {
    execFileSync('chattr', ['+a', probe], { stdio: 'ignore' });
    execFileSync('chattr', ['-a', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

it('a staging area that was tidied away with other empty folders is made again', async () => {
  const storage = create();
  const tidy = () =>
    execFileSync('find', [at('root'), '-mindepth', '1', '-type', 'd', '-empty', '-delete']);
  storage.prepare();
  tidy();
  expect(await put(storage, 'a.txt', 'x')).toBe('a.txt');
  const staged = await stage(storage, 'x');
  const key = await storage.commit(staged, 'b.txt');
  tidy();
  await storage.revert(staged, key);
  expect(await storage.commit(staged, 'b.txt')).toBe('b.txt');
});
