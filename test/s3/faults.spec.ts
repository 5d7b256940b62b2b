import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import {
  FileNotFoundError,
  FileChangedError,
  StorageAnsweredBadlyError,
  StorageDeniedError,
  StorageFailedError,
  StorageTimedOutError,
  StorageUnavailableError,
} from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, read, readText, stage } from '../storage/bytes.js';
import { clientOf, optionsOf } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import { answer, type Fault } from './fault-proxy.js';
import { faultyCeph } from './faulty-ceph.js';
import { startStub } from './stub-server.js';

const MIB = 1024 ** 2;
const LARGE = randomBytes(3 * MIB);

describeWith(...CEPH_PROGRAMS)('an S3 that has faults', () => {
  const s3 = faultyCeph();
  let options: S3StorageOptions;
  let storage: S3Storage;
  /** For what never answers; it gives up on a sound server that is slow, too. */
  let impatient: S3Storage;

  beforeAll(async () => {
    options = { ...optionsOf(s3.ceph), endpoint: s3.proxy.url };
    storage = new S3Storage(options);
    impatient = new S3Storage({ ...options, timeout: 0.5 });
    await storage.prepare();
    while (!(await isPrepared(impatient)));
    await put(storage, 'small.txt', 'small');
    await put(storage, 'large.bin', LARGE);
  });

  it.each<Fault>([
    { kind: 'refuse' },
    { kind: 'slow down' },
    { kind: 'latency', ms: 20 },
    { kind: 'reset', of: 'answer', after: 0 },
    { kind: 'reset', of: 'answer', after: 150 },
    { kind: 'end', of: 'answer', after: 0 },
    { kind: 'reset', of: 'request', after: 20 },
  ])('is asked again, and a file read as if nothing had been: %j', async (fault) => {
    s3.proxy.strike(fault, 1);
    expect(await readText(storage, 'small.txt')).toBe('small');
    s3.proxy.strike(fault, 1);
    expect((await storage.stat('small.txt')).size).toBe(5);
  });

  it.each<Fault>([
    { kind: 'reset', of: 'answer', after: MIB },
    { kind: 'end', of: 'answer', after: MIB },
    { kind: 'end', of: 'answer', after: 2_000_000 },
  ])('is asked for the rest of a file: %j', async (fault) => {
    s3.proxy.strike(fault, 2);
    expect((await read(storage, 'large.bin')).equals(LARGE)).toBe(true);
  });

  it.each<[Fault, typeof StorageFailedError]>([
    [{ kind: 'refuse' }, StorageUnavailableError],
    [{ kind: 'slow down' }, StorageUnavailableError],
    [{ kind: 'reset', of: 'answer', after: 0 }, StorageUnavailableError],
    [{ kind: 'black hole' }, StorageTimedOutError],
  ])('is told apart from a file that is not there: %j', async (fault, type) => {
    s3.proxy.strike(fault);
    const asked = fault.kind === 'black hole' ? impatient : storage;
    await expect(asked.open('small.txt')).rejects.toThrow(type);
    await expect(asked.stat('missing.txt')).rejects.toThrow(type);
    await expect(asked.exists('small.txt')).rejects.toThrow(type);
    await expect(stage(asked, 'small')).rejects.toThrow(type);
  });

  it.each([
    ['reset', 300_000],
    ['end', 300_000],
    ['end', 100],
  ] as const)('never has half a file taken for a whole one: %s after %d', async (kind, after) => {
    s3.proxy.strike({ kind, of: 'answer', after });
    await expect(read(storage, 'large.bin')).rejects.toThrow(StorageFailedError);
  });

  it('is given up on when it stops in the middle of a file', async () => {
    const server = await startStub(200, 'x'.repeat(1_000), {
      'content-length': '1000000',
      'last-modified': new Date(0).toUTCString(),
      etag: '"1"',
    });
    const stopping = new S3Storage({ ...options, endpoint: server.url, timeout: 0.5 });
    const opened = await stopping.open('a.bin');
    const reading = drain(opened.read(0, opened.stat.size)[Symbol.asyncIterator]());
    await expect(reading).rejects.toThrow(StorageTimedOutError);
    await opened.close();
    await server.stop();
  });

  it.each<Fault>([
    { kind: 'refuse' },
    { kind: 'slow down' },
    { kind: 'reset', of: 'request', after: 2 * MIB },
    { kind: 'end', of: 'request', after: 2 * MIB },
    { kind: 'reset', of: 'answer', after: 0 },
  ])('gets what it did not take again: %j', async (fault) => {
    const content = randomBytes(11 * MIB);
    s3.proxy.strike(fault, 1);
    const staged = await stage(storage, content);
    expect(staged.size).toBe(content.length);
    const key = await storage.commit(staged, 'again.bin');
    expect((await read(storage, key)).equals(content)).toBe(true);
    await storage.delete(key);
  });

  it('has a large upload when all answers to its end were lost', async () => {
    const content = randomBytes(6 * MIB);
    s3.proxy.strike({ kind: 'reset', of: 'answer', after: 0 }, Infinity, /^POST \S+uploadId=/);
    const staged = await stage(storage, content);
    s3.proxy.heal();
    const key = await storage.commit(staged, 'ended.bin');
    expect((await read(storage, key)).equals(content)).toBe(true);
    await storage.delete(key);
  });

  it('is not taken for silent while a slow line still carries bytes to it', async () => {
    const own = new S3Storage({ ...options, timeout: 3, partSize: 32 * MIB });
    s3.proxy.strike({ kind: 'latency', ms: 8 }); // with each 64 KiB
    const staged = await stage(own, Buffer.alloc(32 * MIB + 1));
    s3.proxy.heal();
    await storage.discard(staged);
  });

  it('keeps nothing of an upload that it did not take in the end', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield randomBytes(6 * MIB);
      s3.proxy.strike({ kind: 'reset', of: 'request', after: MIB });
      yield randomBytes(6 * MIB);
      yield randomBytes(6 * MIB);
    }
    const staging = storage.stage(source());
    staging.catch(() => s3.proxy.heal());
    await expect(staging).rejects.toThrow(StorageFailedError);
    const direct = new S3Storage({ ...options, endpoint: s3.ceph.endpoint });
    await direct.sweep(new Date(Date.now() + 3_600_000));
    const command = new ListMultipartUploadsCommand({ Bucket: options.bucket });
    const { Uploads = [] } = await clientOf(s3.ceph).send(command);
    expect(Uploads).toEqual([]);
  });

  it('has a file read from the place where its reader wants it', async () => {
    s3.proxy.requests = 0;
    const opened = await storage.open('large.bin', { expect: { start: MIB, end: 2 * MIB } });
    expect(opened.stat.size).toBe(LARGE.length);
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.read(MIB, 2 * MIB)) chunks.push(chunk);
    await opened.close();
    expect(Buffer.concat(chunks).equals(LARGE.subarray(MIB, 2 * MIB))).toBe(true);
    expect(s3.proxy.requests).toBe(1);
  });

  it.each([
    ['nothing', 'nothing' as const],
    ['a range beyond the end', { start: 10 * MIB }],
    ['another range', { start: 5, end: 10 }],
    ['the rest', { start: 7 }],
  ])('may be asked for the wrong bytes first: %s', async (_name, expected) => {
    const opened = await storage.open('large.bin', { expect: expected });
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.read(0, 100_000)) chunks.push(chunk);
    for await (const chunk of opened.read(100_000, LARGE.length)) chunks.push(chunk);
    await opened.close();
    expect(opened.stat).toEqual(await storage.stat('large.bin'));
    expect(Buffer.concat(chunks).equals(LARGE)).toBe(true);
  });

  it('leaves nothing on the signal of a file that was closed', async () => {
    const { signal } = new AbortController();
    const opened = await storage.open('small.txt', { signal });
    await opened.close();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('gives an empty file whatever is expected of it', async () => {
    await put(storage, 'empty.txt', '');
    for (const expect_ of ['all', 'nothing', { start: 0 }, { start: 0, end: 5 }] as const) {
      const opened = await storage.open('empty.txt', { expect: expect_ });
      expect(opened.stat.size).toBe(0);
      await opened.close();
    }
  });

  it('is never asked for what a file was replaced by while it was read', async () => {
    await put(storage, 'changing.bin', LARGE);
    const opened = await storage.open('changing.bin', { expect: 'nothing' });
    const other = randomBytes(LARGE.length);
    await storage.put('changing.bin', bytesOf(other), { overwrite: true });
    await expect(drain(opened.read(0, 10)[Symbol.asyncIterator]())).rejects.toThrow(
      FileChangedError,
    );
    await storage.delete('changing.bin');
    await expect(drain(opened.read(0, 10)[Symbol.asyncIterator]())).rejects.toThrow(
      FileChangedError,
    );
    await opened.close();
  });

  it.each([
    [403, 'AccessDenied', StorageDeniedError],
    [404, 'NoSuchKey', FileNotFoundError],
    [500, 'InternalError', StorageAnsweredBadlyError],
    [502, '', StorageAnsweredBadlyError],
    [504, '', StorageTimedOutError],
  ])('has its answers understood: %d %s', async (status, code, type) => {
    const server = await startStub(status, code);
    const own = new S3Storage({ ...options, endpoint: server.url });
    await expect(own.stat('a.txt')).rejects.toThrow(type);
    await expect(own.open('a.txt')).rejects.toThrow(type);
    await server.stop();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a small upload', () => stage(storage, 'small')],
    ['a large upload', () => stage(storage, Buffer.alloc(6 * MIB))],
    ['a list', () => storage.list()],
    ['a sweep', () => storage.sweep(new Date(0))],
    ['a delete', () => storage.delete('small.txt')],
    ['a delete of what is staged', () => storage.discard({ id: 'x'.repeat(32), size: 0 })],
    ['deletes', () => storage.deleteMany(['small.txt'])],
  ])('has a 404 from in between not taken for a missing file: %s', async (_name, action) => {
    s3.proxy.strike(answer(404, '<html>'));
    await expect(action()).rejects.toThrow(StorageAnsweredBadlyError);
  });

  it('is not waited for with more than two parts of an upload in memory', async () => {
    let taken = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (; taken < 40; taken++) {
        if (taken === 6) s3.proxy.strike({ kind: 'black hole' });
        yield Buffer.alloc(MIB, taken);
      }
    }
    await expect(impatient.stage(source())).rejects.toThrow(StorageFailedError);
    expect(taken).toBeLessThan(16);
  });
});

function isPrepared(storage: S3Storage): Promise<boolean> {
  return storage.prepare().then(
    () => true,
    () => false,
  );
}

async function* bytesOf(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

async function drain(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await chunks.next()).done);
}
