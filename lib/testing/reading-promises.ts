import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import {
  FileChangedError,
  FileNotFoundError,
  StorageFailedError,
} from '../private-storage.errors.js';
import type { OpenedFile, OpenOptions } from '../storage/opened-file.js';
import { expectError, promise } from './storage-promise.js';
import { contentOf } from './storage-trial.js';

const LARGE = 1_300_001;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Of a file of 1,000 bytes. What a client asks for may lie past its end, and the answer be another part, or all of it. */
const GUESSES: NonNullable<OpenOptions['expect']>[] = [
  ...(['all', 'nothing'] as const),
  ...[{ start: 0, end: 1 }, { start: 400, end: 500 }, { start: 990 }, { start: 900, end: 5_000 }],
  ...[{ start: 1_000 }, { start: 5_000, end: 5_001 }],
];

export const readingPromises = [
  promise('A file is read back byte for byte, an empty one too.', async (trial) => {
    for (const size of [0, 1, 65_537, LARGE]) {
      const content = randomBytes(size);
      const found = await trial.read(await trial.put(trial.key(`${size}.bin`), content));
      assert.ok(found.equals(content), `${size} bytes came back as ${found.length}, or changed`);
    }
  }),

  promise('A range is read from its first byte to before its last.', async (trial, storage) => {
    const content = randomBytes(LARGE);
    const opened = await storage.open(await trial.put(trial.key(), content));
    try {
      for (const [start, end] of [
        [0, 1],
        [5, 5],
        [1_000, 700_000],
        [LARGE - 1, LARGE],
      ] as const) {
        const found = await contentOf(opened, start, end);
        assert.ok(found.equals(content.subarray(start, end)), `bytes ${start} to ${end} are wrong`);
      }
    } finally {
      await opened.close();
    }
  }),

  promise(
    'Whatever open() is told to expect, the file is opened, and any part of it can be read.',
    async (trial, storage) => {
      const content = randomBytes(1_000);
      const key = await trial.put(trial.key(), content);
      const { etag } = await storage.stat(key);
      for (const expect of GUESSES) {
        const { start, end } = typeof expect === 'object' ? expect : { start: 0 };
        for (const [first, last] of [
          [Math.min(start, 1_000), Math.min(end ?? 1_000, 1_000)],
          [0, 1_000],
          [300, 450],
        ] as const) {
          const opened = await storage.open(key, { expect });
          try {
            const told = `with expect ${JSON.stringify(expect)}`;
            assert.deepEqual([opened.stat.size, opened.stat.etag], [1_000, etag], told);
            const found = await contentOf(opened, first, last);
            const isRight = found.equals(content.subarray(first, last));
            assert.ok(isRight, `bytes ${first} to ${last} are wrong ${told}`);
          } finally {
            await opened.close();
          }
        }
      }
    },
  ),

  promise(
    'A chunk stays as it was read, and what is done to it is not done to the file.',
    async (trial, storage) => {
      const content = randomBytes(LARGE);
      const key = await trial.put(trial.key(), content);
      const opened = await storage.open(key);
      try {
        const chunks: Uint8Array[] = [];
        for await (const chunk of opened.read(0, LARGE)) chunks.push(chunk);
        assert.ok(Buffer.concat(chunks).equals(content), 'the memory of a chunk was used again');
        for (const chunk of chunks) chunk.fill(0);
        assert.ok((await contentOf(opened)).equals(content), 'the file has become what was done');
      } finally {
        await opened.close();
      }
      assert.ok((await trial.read(key)).equals(content), 'the file has become what was done');
    },
  ),

  promise('Reading past the end throws FileChangedError.', async (trial, storage) => {
    const opened = await storage.open(await trial.put(trial.key(), 'short'));
    try {
      await expectError(FileChangedError, 'read(0, size + 1)', () => contentOf(opened, 0, 6));
    } finally {
      await opened.close();
    }
  }),

  promise(
    'stat() and open() tell size, time and a strong ETag, the same every time.',
    async (trial, storage) => {
      const key = await trial.put(trial.key(), 'twelve bytes');
      const stat = await storage.stat(key);
      const opened = await storage.open(key);
      await opened.close();
      assert.equal(stat.size, 12, 'size');
      assert.match(stat.etag, /^"[\x21\x23-\x7e\x80-\xff]*"$/, 'etag');
      assert.ok(Math.abs(stat.lastModified.getTime() - Date.now()) < DAY_MS, 'lastModified');
      assert.deepEqual({ ...opened.stat }, { ...stat }, 'open() tells something else than stat()');
      assert.deepEqual({ ...(await storage.stat(key)) }, { ...stat }, 'a second stat() differs');
    },
  ),

  promise(
    'The ETag changes with the bytes, also at once and at the same size.',
    async (trial, storage) => {
      const etags = new Set<string>();
      for (const content of ['one', 'two', 'six', 'ten']) {
        const key = await trial.put(trial.key(), content, { overwrite: true });
        etags.add((await storage.stat(key)).etag);
      }
      assert.equal(etags.size, 4, `4 contents had ${etags.size} ETags`);
    },
  ),

  promise(
    'Without a file stat() and open() throw FileNotFoundError, and exists() is false.',
    async (trial, storage) => {
      await trial.put(trial.key('folder/file'), 'x');
      for (const key of [
        trial.key('missing'),
        trial.key('folder'),
        trial.key('folder/file/below'),
      ]) {
        await expectError(FileNotFoundError, 'stat()', () => storage.stat(key));
        await expectError(FileNotFoundError, 'open()', () => closed(storage.open(key)));
        assert.equal(await storage.exists(key), false, 'exists()');
      }
      assert.equal(await storage.exists(trial.key('folder/file')), true, 'exists() of a file');
    },
  ),

  promise(
    'An opened file stays what it was when it is overwritten or deleted, or throws FileChangedError.',
    async (trial, storage) => {
      const content = randomBytes(LARGE);
      for (const change of ['overwrite', 'delete'] as const) {
        const key = await trial.put(trial.key(change), content);
        const opened = await storage.open(key);
        try {
          if (change === 'delete') await storage.delete(key);
          else await trial.put(key, randomBytes(LARGE), { overwrite: true });
          const found = await contentUnlessChanged(opened);
          assert.ok(found?.equals(content) ?? true, `after ${change} other bytes came`);
        } finally {
          await opened.close();
        }
      }
    },
  ),

  promise('An opened file may be closed more than once.', async (trial, storage) => {
    const opened = await storage.open(await trial.put(trial.key(), 'x'));
    await opened.close();
    await opened.close();
  }),

  promise(
    'localPath() is undefined, or the absolute path of the bytes.',
    async (trial, storage) => {
      const key = await trial.put(trial.key(), 'on disk');
      const path = storage.localPath(key);
      if (path === undefined) return;
      assert.ok(isAbsolute(path), `${path} is not absolute`);
      assert.equal(await readFile(path, 'utf8'), 'on disk');
    },
  ),

  promise(
    'Where canSignUrls is true signedUrl() gives an absolute URL; elsewhere it throws StorageFailedError.',
    async (trial, storage) => {
      const key = await trial.put(trial.key(), 'signed');
      const headers = { contentType: 'text/plain', contentDisposition: 'attachment' };
      if (storage.canSignUrls) {
        assert.match(await storage.signedUrl(key, headers), /^https?:\/\/[^/]/, 'signedUrl()');
        return;
      }
      await expectError(StorageFailedError, 'signedUrl()', () => storage.signedUrl(key, headers));
    },
  ),
];

async function closed(opening: Promise<OpenedFile>): Promise<void> {
  await (await opening).close();
}

async function contentUnlessChanged(opened: OpenedFile): Promise<Buffer | undefined> {
  try {
    return await contentOf(opened);
  } catch (error) {
    if (error instanceof FileChangedError) return undefined;
    throw error;
  }
}
