import assert from 'node:assert/strict';
import { InvalidKeyError, StagedFileGoneError } from '../private-storage.errors.js';
import type { StagedBytes } from '../storage/file-storage.js';
import { expectError, promise } from './storage-promise.js';
import { chunksOf } from './storage-trial.js';

const HOUR_MS = 60 * 60 * 1000;

export const stagingPromises = [
  promise('prepare() may be called more than once.', async (_trial, storage) => {
    await storage.prepare();
    await storage.prepare();
  }),

  promise('stage() tells the size, and what it returns is plain data.', async (trial) => {
    const staged = await trial.stage('thirteen bytes'.slice(1));
    assert.equal(staged.size, 13);
    const copy = JSON.parse(JSON.stringify(staged)) as StagedBytes;
    assert.equal(await trial.text(await trial.commit(copy, trial.key())), 'hirteen bytes');
  }),

  promise('No key leads to staged bytes.', async (trial, storage) => {
    const staged = await trial.stage('x');
    for (const key of [staged.id, `.staging/${staged.id}`, trial.key(staged.id), trial.key()]) {
      const isThere = await storage.exists(key).catch((error: unknown) => {
        if (error instanceof InvalidKeyError) return false;
        throw error;
      });
      assert.equal(isThere, false, `${key} leads to them`);
    }
  }),

  promise(
    'When the source of the bytes fails, its error is passed on and nothing is left.',
    async (trial, storage) => {
      await storage.sweep(inAnHour());
      const failure = new Error('The client went away.');
      async function* source(): AsyncGenerator<Uint8Array> {
        yield* chunksOf('x'.repeat(700_000));
        throw failure;
      }
      for (const action of [
        () => storage.stage(source()),
        () => storage.put(trial.key(), source()),
      ]) {
        const found: unknown = await action().then(
          () => 'nothing',
          (error: unknown) => error,
        );
        assert.equal(found, failure, `the error became ${String(found)}`);
      }
      assert.equal(await storage.exists(trial.key()), false, 'there is a file');
      assert.equal(await storage.sweep(inAnHour()), 0, 'something was left in the staging area');
    },
  ),

  promise(
    'put() takes a source that uses the memory of its chunks again.',
    async (trial, storage) => {
      async function* source(): AsyncGenerator<Uint8Array> {
        const memory = Buffer.alloc(3);
        for (const text of ['one', 'two', 'six']) yield memory.fill(text);
      }
      assert.equal(
        await trial.text(trial.note(await storage.put(trial.key(), source()))),
        'onetwosix',
      );
    },
  ),

  promise(
    'discard() throws staged bytes away, and does nothing when they are gone.',
    async (trial, storage) => {
      const staged = await trial.stage('x');
      await storage.discard(staged);
      await storage.discard(staged);
      await expectError(StagedFileGoneError, 'commit()', () => trial.commit(staged, trial.key()));
      assert.equal(await storage.exists(trial.key()), false, 'there is a file');
    },
  ),

  promise('discard() after a commit leaves the file alone.', async (trial, storage) => {
    const staged = await trial.stage('kept');
    const key = await trial.commit(staged, trial.key());
    await storage.discard(staged);
    assert.equal(await trial.text(key), 'kept');
  }),

  promise('sweep() leaves what was staged since, and every file.', async (trial, storage) => {
    const key = await trial.put(trial.key('file'), 'file');
    const staged = await trial.stage('fresh');
    await storage.sweep(new Date(Date.now() - HOUR_MS));
    assert.equal(await trial.text(await trial.commit(staged, trial.key())), 'fresh');
    await storage.sweep(inAnHour());
    assert.equal(await trial.text(key), 'file');
  }),

  promise(
    'sweep() removes what was staged before and never claimed, and tells how many.',
    async (trial, storage) => {
      await storage.sweep(inAnHour());
      const stagings = [await trial.stage('one'), await trial.stage('two')];
      assert.equal(await storage.sweep(inAnHour()), 2, 'how many were removed');
      for (const staged of stagings) {
        await expectError(StagedFileGoneError, 'commit()', () => trial.commit(staged, trial.key()));
      }
    },
  ),
];

function inAnHour(): Date {
  return new Date(Date.now() + HOUR_MS);
}
