import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import {
  ConfigurationError,
  FileNotFoundError,
  StorageFailedError,
} from '../../lib/private-storage.errors.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { itIf } from '../programs.js';
import { put, readText, stage } from './bytes.js';
import { filesIn, temporaryFolder } from './temporary-folder.js';

const at = temporaryFolder();
const realClock = performance.now.bind(performance);
let clock = realClock;
let storage: LocalStorage;

beforeAll(() => {
  performance.now = () => clock();
});

afterEach(() => {
  clock = realClock;
});

afterAll(() => {
  performance.now = realClock;
});

beforeEach(async () => {
  mkdirSync(at('outside'));
  writeFileSync(at('outside', 'secret.txt'), 'secret');
  storage = new LocalStorage({ root: at('root') });
  await put(storage, 'folder/file.txt', 'content');
});

describe('what is no file of the storage', () => {
  const places: [string, string, () => unknown][] = [
    ['a link to a file outside', 'link.txt', () => link('outside/secret.txt', 'link.txt')],
    ['a link to a file inside', 'link.txt', () => link('root/folder/file.txt', 'link.txt')],
    ['a file in a linked folder', 'link/secret.txt', () => link('outside', 'link')],
    [
      'a file in a folder that is linked inside',
      'link/file.txt',
      () => link('root/folder', 'link'),
    ],
    ['a link to itself', 'loop', () => link('root/loop', 'loop')],
    ['a link to nothing', 'dangling', () => link('nowhere', 'dangling')],
    ['a folder', 'folder', () => undefined],
    ['a file below a file', 'folder/file.txt/x', () => undefined],
    ['a FIFO', 'fifo', () => execFileSync('mkfifo', [at('root', 'fifo')])],
    ['a name that is too long for the disk', `${'x/'.repeat(300)}x`, () => undefined],
  ];

  it.each(places)('%s is not found, and stays', async (_what, key, make) => {
    make();
    const before = filesIn(at());
    await expect(storage.open(key)).rejects.toThrow(FileNotFoundError);
    await expect(storage.open(key)).rejects.toThrow(FileNotFoundError); // a second time it is opened in another way
    await expect(storage.stat(key)).rejects.toThrow(FileNotFoundError);
    await expect(new LocalStorage({ root: at('root') }).stat(key)).rejects.toThrow(
      FileNotFoundError,
    );
    expect(await storage.exists(key)).toBe(false);
    const staged = await stage(storage, 'x');
    await expect(storage.revert(staged, key)).rejects.toThrow(FileNotFoundError);
    await storage.discard(staged);
    await storage.delete(key);
    expect(filesIn(at())).toEqual(before);
  });

  it.each<[string, () => unknown]>([
    ['a link', () => link('outside/secret.txt', 'folder/file.txt')],
    ['a folder', () => mkdirSync(at('root', 'folder', 'file.txt'))],
    ['a FIFO', () => execFileSync('mkfifo', [at('root', 'folder', 'file.txt')])],
    ['nothing', () => undefined],
    ['a file in a linked folder', () => linkFolder('outside')],
    ['a file in a folder that is linked inside', () => linkFolder('root/other')],
  ])('what was a file a moment ago and now is %s is not found', async (_what, make) => {
    const key = 'folder/file.txt';
    for (const place of [at('outside', 'file.txt'), at('root', 'other', 'file.txt')]) {
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, 'content');
    }
    for (let i = 0; i < 2; i++) {
      expect(await readText(storage, key)).toBe('content');
      expect(await storage.stat(key)).toMatchObject({ size: 7 });
    }
    rmSync(at('root', key));
    make();
    for (let i = 0; i < 2; i++) {
      await expect(storage.open(key)).rejects.toThrow(FileNotFoundError);
      await expect(storage.stat(key)).rejects.toThrow(FileNotFoundError);
    }
  });

  it('a file whose folder was moved, with a link in its place, is never deleted, and found for a second at most', async () => {
    const key = 'folder/file.txt';
    let now = 5000;
    clock = () => now;
    await readText(storage, key);
    await storage.stat(key);
    renameSync(at('root', 'folder'), at('outside', 'moved'));
    link('outside/moved', 'folder');
    expect(await readText(storage, key)).toBe('content');
    await storage.delete(key);
    expect(existsSync(at('outside', 'moved', 'file.txt'))).toBe(true);

    now = 6000;
    for (let i = 0; i < 2; i++) {
      await expect(storage.open(key)).rejects.toThrow(FileNotFoundError);
      await expect(storage.stat(key)).rejects.toThrow(FileNotFoundError);
    }
  });

  function linkFolder(target: string): void {
    rmSync(at('root', 'folder'), { recursive: true });
    link(target, 'folder');
  }

  it('a socket is not found', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(at('root', 'socket'), done));
    await expect(storage.open('socket')).rejects.toThrow(FileNotFoundError);
    await expect(storage.stat('socket')).rejects.toThrow(FileNotFoundError);
    await storage.delete('socket');
    expect(existsSync(at('root', 'socket'))).toBe(true);
    await new Promise((done) => server.close(done));
  });

  const asRoot = itIf(process.getuid?.() === 0, 'not root, for devices in the storage');
  asRoot('a device is not found', async () => {
    execFileSync('mknod', [at('root', 'zero'), 'c', '1', '5']);
    await expect(storage.open('zero')).rejects.toThrow(FileNotFoundError);
    await expect(storage.stat('zero')).rejects.toThrow(FileNotFoundError);
  });
});

describe('commits', () => {
  it.each([
    ['a linked folder', 'link/new.txt', () => link('outside', 'link')],
    ['folders below a linked folder', 'link/made/new.txt', () => link('outside', 'link')],
    ['a link to nothing as folder', 'link/new.txt', () => link('nowhere', 'link')],
    ['a file as folder', 'folder/file.txt/new.txt', () => undefined],
    ['a file as folder of folders', 'folder/file.txt/made/new.txt', () => undefined],
  ])(
    'through %s are refused, write nothing, and leave the upload for another try',
    async (_what, key, make) => {
      make();
      const staged = await stage(storage, 'new');
      const before = readdirSync(at(), { recursive: true }).sort();
      await expect(storage.commit(staged, key)).rejects.toThrow(StorageFailedError);
      await expect(storage.commit(staged, key, { overwrite: true })).rejects.toThrow(
        StorageFailedError,
      );
      expect(() => storage.commitSync(staged, key)).toThrow(StorageFailedError);
      expect(readdirSync(at(), { recursive: true }).sort()).toEqual(before);
      expect(await storage.commit(staged, 'other.txt')).toBe('other.txt');
    },
  );

  it('under the name of a link or a folder go beside it', async () => {
    link('outside/secret.txt', 'link.txt');
    expect(await put(storage, 'link.txt', 'new')).toMatch(/^link_[\w-]{8}\.txt$/);
    expect(await put(storage, 'folder', 'new')).toMatch(/^folder_[\w-]{8}$/);
    expect(readFileSync(at('outside', 'secret.txt'), 'utf8')).toBe('secret');
  });

  it('with overwrite replace a link itself, and never a folder', async () => {
    link('outside/secret.txt', 'link.txt');
    const staged = await stage(storage, 'new');
    await storage.commit(staged, 'link.txt', { overwrite: true });
    expect(lstatSync(at('root', 'link.txt')).isFile()).toBe(true);
    expect(readFileSync(at('outside', 'secret.txt'), 'utf8')).toBe('secret');
    await expect(
      storage.commit(await stage(storage, 'x'), 'folder', { overwrite: true }),
    ).rejects.toThrow(StorageFailedError);
    expect(await readText(storage, 'folder/file.txt')).toBe('content');
  });

  it('of bytes that are gone make no folders', async () => {
    const staged = await stage(storage, 'x');
    await storage.discard(staged);
    await expect(storage.commit(staged, 'new/folders/x')).rejects.toThrow('gone');
    expect(existsSync(at('root', 'new'))).toBe(false);
  });

  it('give files and folders the permissions that were asked for', async () => {
    const open = new LocalStorage({ root: at('open'), fileMode: 0o600, folderMode: 0o700 });
    await put(open, 'a/b', 'x');
    expect([at('open', 'a/b'), at('open', 'a')].map((path) => statSync(path).mode & 0o777)).toEqual(
      [0o600, 0o700],
    );
  });
});

describe('the root', () => {
  it('may be a link', async () => {
    symlinkSync(at('outside'), at('linked-root'));
    const linked = new LocalStorage({ root: at('linked-root') });
    await put(linked, 'a/b.txt', 'content');
    expect(await readText(linked, 'a/b.txt')).toBe('content');
    expect(await readText(linked, 'secret.txt')).toBe('secret');
    expect(linked.localPath('a/b.txt')).toBe(at('outside', 'a/b.txt'));
  });

  it.each([
    ['a file', () => at('outside', 'secret.txt'), /is a file or lies below one; give the path/],
    [
      'below a file',
      () => at('outside', 'secret.txt', 'x'),
      /is a file or lies below one; give the path/,
    ],
    ['one whose staging area is a link', linkedStaging, /\.staging is a link/],
  ])('%s is refused with a sentence', (_what, root, sentence) => {
    const refused = new LocalStorage({ root: root() });
    const prepare = (): void => refused.prepare();
    expect(prepare).toThrow(ConfigurationError);
    expect(prepare).toThrow(sentence);
    expect(readdirSync(at('outside'))).toEqual(['secret.txt']);
  });

  it('is looked at once: prepare() costs nothing afterwards, and leaves nothing behind', () => {
    storage.prepare();
    const { ctimeMs } = statSync(at('root', '.staging'));
    storage.prepare();
    expect(statSync(at('root', '.staging')).ctimeMs).toBe(ctimeMs);
    expect(filesIn(at('root'))).toEqual(['folder/file.txt']);
    expect(readdirSync(at('root', '.staging'))).toEqual([]);
  });

  function linkedStaging(): string {
    mkdirSync(at('bad'));
    symlinkSync(at('outside'), at('bad', '.staging'));
    return at('bad');
  }
});

describe('options', () => {
  it.each([
    ['nothing', undefined, /needs a root: new LocalStorage/],
    ['no root', {}, /needs a root: new LocalStorage/],
    ['an empty root', { root: '' }, /needs a root/],
    ['a NUL', { root: 'a\0b' }, /needs a root/],
    [
      'an unknown option',
      { root: 'x', fsnyc: false },
      /unknown option "fsnyc"; there are: root, fsync/,
    ],
    ['a wrong type', { root: 'x', fileMode: '0640' }, /fileMode is a number/],
  ])('%s is refused with a sentence', (_what, options, sentence) => {
    const create = (): unknown => new LocalStorage(options as never);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(sentence);
  });

  it('that are undefined are as good as none', async () => {
    const undefinedOnes = { fsync: undefined, fileMode: undefined, hardLinks: undefined };
    await put(new LocalStorage({ root: at('one'), ...undefinedOnes }), 'a', 'x');
    await put(new LocalStorage({ root: at('two'), fileMode: 0o640 }), 'a', 'x');
    expect(statSync(at('one', 'a')).mode).toBe(statSync(at('two', 'a')).mode);
  });
});

function link(target: string, name: string): void {
  symlinkSync(at(target), at('root', name));
}
