/**
 * For tests: of storages, of handlers that take uploads, of whole apps.
 *
 * An app's tests need no disk: put a `MemoryStorage` in the place of any storage, by its token. The routes, the service
 * and the interceptors all use it then, and the app's own `LocalStorage` never touches its root.
 *
 * @example
 * const storage = new MemoryStorage();
 * const module = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(FileStorage) // the default storage
 *   .useValue(storage)
 *   .overrideProvider(storageToken('invoices')) // one of `storages`
 *   .useValue(new MemoryStorage())
 *   .compile();
 * // upload something, then
 * expect(storage.keys()).toEqual(['dossiers/2026/may.pdf']);
 *
 * @module
 */
export { lintStorage, storagePromises } from './lint-storage.js';
export type { StoragePromise } from './storage-promise.js';
export { stagedFile, type StagedFileInit } from './staged-file.js';
