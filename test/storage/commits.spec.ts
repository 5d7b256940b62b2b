import { StorageFailedError } from '../../lib/private-storage.errors.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { bytesOf, put, read, readText, stage } from './bytes.js';
import { filesIn, temporaryFolder } from './temporary-folder.js';

const at = temporaryFolder();

describe('200 uploads of one name at once', () => {
  it.each([
    ['MemoryStorage', () => new MemoryStorage()],
    ['LocalStorage', () => new LocalStorage({ root: at('root'), fsync: false })],
    ['LocalStorage, synchronously', () => new LocalStorage({ root: at('root'), fsync: false })],
  ])('become 200 files on %s', async (name, create) => {
    const storage = create();
    const contents = Array.from({ length: 200 }, (_, i) => `content ${i}`);
    const keys = await Promise.all(
      contents.map(async (content) => {
        const staged = await stage(storage, content);
        if (name.endsWith('synchronously')) return storage.commitSync(staged, 'a/may.pdf');
        return storage.commit(staged, 'a/may.pdf');
      }),
    );
    expect(new Set(keys).size).toBe(200);
    expect(await Promise.all(keys.map((key) => readText(storage, key)))).toEqual(contents);
  });

  it('with overwrite become one, whole, and readers never miss it', async () => {
    const storage = new LocalStorage({ root: at('root'), fsync: false });
    const contents = Array.from({ length: 200 }, (_, i) => String(i).repeat(1_000));
    await put(storage, 'file', '0');
    const seen = contents.map(async (content) => {
      await storage.put('file', bytesOf(content), { overwrite: true });
      return readText(storage, 'file');
    });
    for (const found of await Promise.all(seen)) expect(contents).toContain(found);
    expect(filesIn(at('root'))).toEqual(['file']);
  });
});

describe('a storage that takes no key', () => {
  class FullOfNames extends MemoryStorage {
    protected override commitObject(): Promise<boolean> {
      return Promise.resolve(false);
    }
    protected override commitObjectSync(): boolean {
      return false;
    }
  }

  it('is asked a few times, and not for ever', async () => {
    const storage = new FullOfNames();
    const staged = await stage(storage, 'x');
    await expect(storage.commit(staged, 'a')).rejects.toThrow(StorageFailedError);
    expect(() => storage.commitSync(staged, 'a')).toThrow(StorageFailedError);
  });
});

it('a source that sends byte by byte is stored whole', async () => {
  const storage = new LocalStorage({ root: at('root'), fsync: false });
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 3_000; i++) yield Buffer.from([i % 251, ...(i % 3 ? [] : [7])]);
  }
  const expected: number[] = [];
  for await (const chunk of source()) expected.push(...chunk);
  await storage.put('file', source());
  expect(await read(storage, 'file')).toEqual(Buffer.from(expected));
});
