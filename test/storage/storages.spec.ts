import type { FileStorage } from '../../lib/storage/file-storage.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { lintStorage, storagePromises } from '../../lib/testing/index.js';
import { temporaryFolder } from './temporary-folder.js';

const at = temporaryFolder();

const storages: [string, () => FileStorage][] = [
  ['MemoryStorage', () => new MemoryStorage()],
  ['LocalStorage', () => new LocalStorage({ root: at('root') })],
  ['LocalStorage without fsync', () => new LocalStorage({ root: at('root'), fsync: false })],
  [
    'LocalStorage without hard links',
    () => new LocalStorage({ root: at('root'), hardLinks: false }),
  ],
];

describe.each(storages)('%s', (_name, create) => {
  it.each(storagePromises)('keeps its promise: $sentence', ({ check }) => check(create()));

  it('keeps all of them in one place, and leaves none of its files there', async () => {
    const storage = create();
    await lintStorage(storage);
    if (storage instanceof MemoryStorage) expect(storage.keys()).toEqual([]);
  });
});
