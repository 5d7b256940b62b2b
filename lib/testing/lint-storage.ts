import type { FileStorage } from '../storage/file-storage.js';
import { commitPromises } from './commit-promises.js';
import { keyPromises } from './key-promises.js';
import { readingPromises } from './reading-promises.js';
import { stagingPromises } from './staging-promises.js';
import type { StoragePromise } from './storage-promise.js';

/**
 * Everything that a `FileStorage` promises, each to be checked alone. Give the storage a place of its own: whatever is
 * staged there is swept. One after another, for the same reason.
 *
 * @example
 * it.each(storagePromises)('$sentence', ({ check }) => check(storage));
 */
export const storagePromises: readonly StoragePromise[] = [
  ...stagingPromises,
  ...commitPromises,
  ...readingPromises,
  ...keyPromises,
];

/**
 * Holds a storage to all of {@link storagePromises}, in a place of its own.
 *
 * @throws AggregateError that names every broken promise; `errors` holds what was found.
 * @example
 * await lintStorage(new S3Storage({ bucket: 'test' }));
 */
export async function lintStorage(storage: FileStorage): Promise<void> {
  const errors: unknown[] = [];
  const complaints: string[] = [];
  for (const { sentence, check } of storagePromises) {
    try {
      await check(storage);
    } catch (error) {
      errors.push(error);
      complaints.push(`- ${sentence} (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  if (errors.length === 0) return;
  const count = `${errors.length} of ${storagePromises.length} promises`;
  throw new AggregateError(
    errors,
    [`${storage.constructor.name} breaks ${count}:`, ...complaints].join('\n'),
  );
}
