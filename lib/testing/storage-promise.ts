import assert from 'node:assert/strict';
import type { FileStorage } from '../storage/file-storage.js';
import { StorageTrial } from './storage-trial.js';

/** Something that every storage has to keep. */
export interface StoragePromise {
  /** What is promised, for a test's name. */
  readonly sentence: string;
  /** Throws when the storage breaks the promise. */
  readonly check: (storage: FileStorage) => Promise<void>;
}

export function promise(
  sentence: string,
  test: (trial: StorageTrial, storage: FileStorage) => Promise<void>,
): StoragePromise {
  return {
    sentence,
    check: async (storage) => {
      const trial = new StorageTrial(storage);
      try {
        await test(trial, storage);
      } finally {
        await trial.end();
      }
    },
  };
}

/** Fails unless `action` throws, or is rejected with, an error of that class. */
export async function expectError(
  type: abstract new (...args: never[]) => Error,
  what: string,
  action: () => unknown,
): Promise<void> {
  let found: unknown = 'nothing';
  try {
    await action();
  } catch (error) {
    if (error instanceof type) return;
    found = error;
  }
  assert.fail(`${what} should throw ${type.name}, but threw ${String(found)}`);
}
