import { pbkdf2, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { FileChangedError } from '../../lib/private-storage.errors.js';
import type { OpenedFile } from '../../lib/storage/opened-file.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { itIf } from '../programs.js';
import { bytesOf, put, read, stage } from './bytes.js';
import { untilClockMoves } from './file-clock.js';
import { temporaryFolder } from './temporary-folder.js';

const SIZE = 2_000_000;
const pbkdf2Async = promisify(pbkdf2);
const at = temporaryFolder();
const content = randomBytes(SIZE);
let storage: LocalStorage;
let path: string;

beforeEach(async () => {
  storage = new LocalStorage({ root: at('root'), fsync: false });
  await put(storage, 'file.bin', content);
  path = at('root', 'file.bin');
});

describe('a file that changes after its first chunk was read', () => {
  it.each([
    ['grows', () => appendFileSync(path, 'more')],
    ['is deleted', () => storage.delete('file.bin')],
    ['is deleted behind our back', () => unlinkSync(path)],
    [
      'is overwritten',
      () => storage.put('file.bin', bytesOf(randomBytes(SIZE)), { overwrite: true }),
    ],
    [
      'is overwritten by a shorter one',
      () => storage.put('file.bin', bytesOf('x'), { overwrite: true }),
    ],
  ])('%s is read wholly as it was', async (_what, change) => {
    const found = await readWith(await storage.open('file.bin'), change);
    expect(found.equals(content)).toBe(true);
  });

  it.each([0, 600_000, SIZE - 1])('is cut to %i bytes throws FileChangedError', async (size) => {
    const reading = readWith(await storage.open('file.bin'), () => truncateSync(path, size));
    await expect(reading).rejects.toThrow(FileChangedError);
  });
});

it.each([1, 65_536, 65_537, 600_000])(
  '%i bytes that were read a moment ago are read again, as they are now',
  async (size) => {
    const [first, second] = [randomBytes(size), randomBytes(size)];
    writeFileSync(path, first);
    expect((await read(storage, 'file.bin')).equals(first)).toBe(true);
    writeFileSync(path, second);
    expect((await read(storage, 'file.bin')).equals(second)).toBe(true);
    truncateSync(path, size - 1);
    expect((await read(storage, 'file.bin')).equals(second.subarray(0, -1))).toBe(true);
  },
);

describe('closing', () => {
  it('waits for a read under way', async () => {
    await put(storage, 'small', 'small');
    const opened = await storage.open('small');
    const busy = Array.from({ length: 8 }, () => pbkdf2Async('x', 'x', 50_000, 64, 'sha512'));
    const reading = opened.read(0, 5)[Symbol.asyncIterator]().next(); // waits for a thread
    const closing = opened.close();
    expect(await reading).toEqual({ value: Buffer.from('small'), done: false });
    await closing;
    await Promise.all(busy);
  });

  it('ends reading of a small file that was read a moment ago', async () => {
    await put(storage, 'small', 'small');
    await read(storage, 'small');
    const opened = await storage.open('small');
    const chunks = opened.read(0, 5)[Symbol.asyncIterator]();
    await opened.close();
    await expect(chunks.next()).rejects.toThrow('The file was closed.');
  });

  it('ends reading: the descriptor is another file by then', async () => {
    const opened = await storage.open('file.bin');
    const chunks = opened.read(0, SIZE)[Symbol.asyncIterator]();
    await chunks.next();
    await opened.close();
    const other = await storage.open('file.bin');
    await expect(chunks.next()).rejects.toThrow('The file was closed.');
    await other.close();
  });

  const onLinux = itIf(existsSync('/proc/self/fd'), 'no /proc, for descriptor leaks');
  onLinux('leaves no descriptor open, whatever went wrong', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw new Error('gone');
    };
    mkdirSync(at('root', 'folder'));
    symlinkSync(at('root'), at('root', 'link'));
    for (let i = 0; i < 100; i++) {
      await read(storage, 'file.bin');
      await readWith(await storage.open('file.bin'), () => Promise.reject(new Error('left'))).catch(
        ignore,
      );
      for (const key of ['missing', 'missing/below', 'file.bin/below', 'folder', 'link/file.bin']) {
        await storage.open(key).catch(ignore);
        await storage.exists(key);
      }
      await storage.stage(failing()).catch(ignore);
      await storage.discard(await stage(storage, 'x'));
      await put(storage, 'small', 'x');
    }
    expect(openFiles()).toEqual([]);
  });
});

it('a file of the end of a second is of that second, as web servers say too', async () => {
  utimesSync(path, 1_767_225_600.9997, 1_767_225_600.9997);
  const { lastModified } = await storage.stat('file.bin');
  expect(lastModified.toUTCString()).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
});

describe('the ETag', () => {
  it('changes when a file is written again in place, at the same size, with its old time put back', async () => {
    const time = new Date('2026-01-01T00:00:00Z');
    utimesSync(path, time, time);
    const before = await storage.stat('file.bin');
    untilClockMoves(path);
    writeFileSync(path, randomBytes(SIZE));
    utimesSync(path, time, time);
    const after = await storage.stat('file.bin');
    expect(after.lastModified).toEqual(before.lastModified);
    expect(after.etag).not.toBe(before.etag);
  });

  it('is never given twice while a file is overwritten as fast as can be', async () => {
    const etags = new Set<string>();
    for (let i = 0; i < 300; i++) {
      await storage.put('small', bytesOf('same'), { overwrite: true });
      etags.add((await storage.stat('small')).etag);
    }
    expect(etags.size).toBe(300);
  });
});

/** Reads everything, and does something after the first chunk. */
async function readWith(opened: OpenedFile, change: () => unknown): Promise<Buffer> {
  const found: Buffer[] = [];
  try {
    for await (const chunk of opened.read(0, opened.stat.size)) {
      found.push(Buffer.from(chunk));
      if (found.length === 1) await change();
    }
  } finally {
    await opened.close();
  }
  return Buffer.concat(found);
}

/** Files of the test that are open in this process, deleted ones too. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd')
    .map((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`);
      } catch {
        return ''; // closed meanwhile
      }
    })
    .filter((path) => path.startsWith(at()));
}

function ignore(): void {
  return undefined;
}
