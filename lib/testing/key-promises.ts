import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { InvalidKeyError, StagedFileGoneError } from '../private-storage.errors.js';
import type { StagedBytes } from '../storage/file-storage.js';
import { expectError, promise } from './storage-promise.js';
import { chunksOf } from './storage-trial.js';

const HOSTILE_KEYS = [
  ...['', '.', '..', '../x', 'a/../../x', 'a/..', './a', 'a/./b', '/a', '//a', 'a//b', 'a/'],
  ...['a\\b', '..\\x', 'a\0b', 'a\nb', 'a\x7fb', '.hidden', 'a/.hidden', '.staging/x'],
  ...['a\ud800', 'x'.repeat(256), `${'x'.repeat(255)}/`.repeat(20), 'x'.repeat(5_000)],
];

const HOSTILE_IDS: unknown[] = [
  ...['', '.', '..', '../x', '/etc/passwd', 'a\0b', 'x'.repeat(5_000), '0'.repeat(32)],
  ...[undefined, null, 7, ['0'.repeat(32)], {}],
];

export const keyPromises = [
  promise('Every method refuses what is no key with InvalidKeyError.', async (trial, storage) => {
    const staged = await trial.stage('x');
    for (const key of HOSTILE_KEYS) {
      const what = JSON.stringify(key).slice(0, 40);
      await expectError(InvalidKeyError, `stat(${what})`, () => storage.stat(key));
      await expectError(InvalidKeyError, `open(${what})`, () => storage.open(key));
      await expectError(InvalidKeyError, `exists(${what})`, () => storage.exists(key));
      await expectError(InvalidKeyError, `delete(${what})`, () => storage.delete(key));
      await expectError(InvalidKeyError, `localPath(${what})`, () => storage.localPath(key));
      await expectError(InvalidKeyError, `put(${what})`, () => storage.put(key, chunksOf('x')));
      await expectError(InvalidKeyError, `commit(${what})`, () => storage.commit(staged, key));
      await expectError(InvalidKeyError, `revert(${what})`, () => storage.revert(staged, key));
    }
    assert.equal(await trial.text(await trial.commit(staged, trial.key())), 'x');
  }),

  promise('Every key is taken and given back as it is, whatever its letters.', async (trial) => {
    const names = [
      'Heizölrückstoßabdämpfung.txt',
      'no extension',
      '%2e%2e',
      'a+b&c=d#e;f,g',
      '日本語 😀.pdf',
      "q'q",
      `${'ü'.repeat(125)}.long`,
    ];
    for (const name of [...names, `${'folder/'.repeat(9)}x`]) {
      assert.equal(await trial.put(trial.key(name), name), trial.key(name));
    }
    for (const name of names) assert.equal(await trial.text(trial.key(name)), name);
  }),

  promise(
    'Keys that differ in case, Unicode form or by a beginning are never one file.',
    async (trial, storage) => {
      for (const [kept, other] of [
        ['Case.txt', 'case.txt'],
        ['\u00e9.txt', 'e\u0301.txt'],
        ['a/begin', 'a/beginning'],
      ] as const) {
        await trial.put(trial.key(kept), kept);
        assert.equal(await storage.exists(trial.key(other)), false, `${kept} is there as ${other}`);
        await storage.delete(trial.key(other));
        assert.equal(await trial.text(trial.key(kept)), kept, `${kept} went with ${other}`);
      }
    },
  ),

  promise('A staged id that the storage did not give leads to nothing.', async (trial, storage) => {
    for (const id of HOSTILE_IDS) {
      const staged = { id, size: 1 } as StagedBytes;
      const what = `commit() of the id ${inspect(id).slice(0, 40)}`;
      await expectError(StagedFileGoneError, what, () => trial.commit(staged, trial.key()));
      await storage.discard(staged);
    }
    assert.equal(await storage.exists(trial.key()), false);
  }),
];
