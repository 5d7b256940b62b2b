import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  FileNotFoundError,
  StagedFileGoneError,
  StorageFailedError,
} from '../private-storage.errors.js';
import type { FileStorage } from '../storage/file-storage.js';
import { expectError, promise } from './storage-promise.js';

const AT_ONCE = 20;
const LARGE = 1_300_001;

export const commitPromises = [
  promise(
    'A taken key is never overwritten: the second file gets a suffix and keeps its extension.',
    async (trial) => {
      const first = await trial.put(trial.key('may.pdf'), 'first');
      const second = await trial.put(trial.key('may.pdf'), 'second');
      assert.equal(first, trial.key('may.pdf'));
      assert.notEqual(second, first, 'both files got one key');
      assert.ok(second.startsWith(trial.key('may')) && second.endsWith('.pdf'), `it got ${second}`);
      assert.deepEqual([await trial.text(first), await trial.text(second)], ['first', 'second']);
    },
  ),

  promise('Of many commits of one key at once, each gets a key of its own.', async (trial) => {
    const contents = Array.from({ length: AT_ONCE }, (_, i) => `content ${i}`);
    const keys = await Promise.all(contents.map((content) => trial.put(trial.key(), content)));
    assert.equal(new Set(keys).size, AT_ONCE, 'some share a key');
    const found = await Promise.all(keys.map((key) => trial.text(key)));
    assert.deepEqual(found, contents, 'some have the bytes of another');
  }),

  promise('With overwrite a commit replaces the file under its key.', async (trial) => {
    for (const content of ['first', 'the second', 'third']) {
      const key = await trial.put(trial.key(), content, { overwrite: true });
      assert.equal(key, trial.key());
      assert.equal(await trial.text(key), content);
    }
  }),

  promise('A commit is atomic: a reader sees the whole file or none.', async (trial, storage) => {
    const staged = await trial.stage(randomBytes(LARGE));
    const seen = await watch(storage, trial.key(), () => trial.commit(staged, trial.key()));
    assert.deepEqual(
      seen.filter((size) => size !== undefined && size !== LARGE),
      [],
    );
    assert.equal(seen.at(-1), LARGE, 'it is not there at the end');
  }),

  promise(
    'An overwrite is atomic: a reader sees the old file or the new one.',
    async (trial, storage) => {
      await trial.put(trial.key(), 'old');
      const staged = await trial.stage(randomBytes(LARGE));
      const commit = (): Promise<string> => trial.commit(staged, trial.key(), { overwrite: true });
      const seen = await watch(storage, trial.key(), commit);
      assert.deepEqual(
        seen.filter((size) => size !== 3 && size !== LARGE),
        [],
      );
    },
  ),

  promise(
    'Staged bytes are committed once; what is gone throws StagedFileGoneError and changes nothing.',
    async (trial) => {
      const staged = await trial.stage('once');
      const key = await trial.commit(staged, trial.key());
      for (const options of [{}, { overwrite: true }]) {
        await expectError(StagedFileGoneError, 'a second commit()', () =>
          trial.commit(staged, key, options),
        );
        await expectError(StagedFileGoneError, 'a commit() elsewhere', () =>
          trial.commit(staged, trial.key('other'), options),
        );
      }
      assert.equal(await trial.text(key), 'once');
    },
  ),

  promise(
    'revert() takes the key away, and the bytes can be committed again.',
    async (trial, storage) => {
      const content = randomBytes(LARGE);
      const staged = await trial.stage(content);
      const key = await trial.commit(staged, trial.key());
      await storage.revert(staged, key);
      assert.equal(await storage.exists(key), false, 'the key is still there');
      const again = await trial.read(await trial.commit(staged, trial.key('again')));
      assert.ok(again.equals(content), 'the bytes are not what they were');
    },
  ),

  promise('revert() and then discard() leaves nothing.', async (trial, storage) => {
    const staged = await trial.stage('x');
    const key = await trial.commit(staged, trial.key());
    await storage.revert(staged, key);
    await storage.discard(staged);
    await expectError(StagedFileGoneError, 'commit()', () => trial.commit(staged, trial.key()));
    await expectError(FileNotFoundError, 'a second revert()', () => storage.revert(staged, key));
  }),

  promise(
    'delete() takes a file away, and does nothing when there is none.',
    async (trial, storage) => {
      const key = await trial.put(trial.key('folder/file'), 'x');
      await storage.delete(trial.key('folder'));
      assert.equal(await storage.exists(key), true, 'it went with its folder');
      await storage.delete(key);
      assert.equal(await storage.exists(key), false, 'it is still there');
      await storage.delete(key);
      await storage.delete(trial.key('never/was'));
    },
  ),

  promise(
    'Where canCommitSync is true commitSync() and revertSync() do what the others do; elsewhere they throw StorageFailedError.',
    async (trial, storage) => {
      const taken = await trial.put(trial.key(), 'taken');
      const staged = await trial.stage('synchronous');
      if (!storage.canCommitSync) {
        await expectError(StorageFailedError, 'commitSync()', () =>
          storage.commitSync(staged, trial.key()),
        );
        await expectError(StorageFailedError, 'revertSync()', () =>
          storage.revertSync(staged, trial.key()),
        );
        return;
      }
      const key = trial.note(storage.commitSync(staged, trial.key()));
      assert.notEqual(key, taken, 'a file was overwritten');
      assert.deepEqual([await trial.text(taken), await trial.text(key)], ['taken', 'synchronous']);
      storage.revertSync(staged, key);
      assert.equal(await storage.exists(key), false, 'revertSync() left the key');
      assert.equal(
        await trial.text(trial.note(storage.commitSync(staged, trial.key('free')))),
        'synchronous',
      );
      await expectError(StagedFileGoneError, 'a second commitSync()', () =>
        storage.commitSync(staged, trial.key()),
      );
    },
  ),
];

/** The sizes that a reader sees under a key from before `action` to after it; undefined where there is no file. */
async function watch(
  storage: FileStorage,
  key: string,
  action: () => Promise<unknown>,
): Promise<(number | undefined)[]> {
  const seen: (number | undefined)[] = [];
  const state = { isDone: false };
  const doing = action().finally(() => (state.isDone = true));
  doing.catch(() => undefined); // awaited below, unless what is seen fails first
  while (!state.isDone) {
    seen.push(await sizeOf(storage, key));
    await setImmediate();
  }
  await doing;
  return [...seen, await sizeOf(storage, key)];
}

async function sizeOf(storage: FileStorage, key: string): Promise<number | undefined> {
  try {
    return (await storage.stat(key)).size;
  } catch (error) {
    if (error instanceof FileNotFoundError) return undefined;
    throw error;
  }
}
