import {
  StorageAnsweredBadlyError,
  StorageDeniedError,
  StorageFailedError,
  StorageUnavailableError,
} from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, readText, stage } from '../storage/bytes.js';
import { preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import { answer, refusal, type Fault } from './fault-proxy.js';
import { faultyCeph } from './faulty-ceph.js';
import { HttpServer } from './http-server.js';

const DELETE = /^DELETE /;
const DELETE_MANY = /^POST \S+\?delete/;

describeWith(...CEPH_PROGRAMS)('deletes from an S3 that has faults', () => {
  const s3 = faultyCeph();
  let sound: S3Storage;
  let storage: S3Storage;

  beforeAll(async () => {
    const prepared = await preparedStorage(s3.ceph);
    sound = prepared.storage;
    storage = new S3Storage({ ...prepared.options, endpoint: s3.proxy.url });
  });

  const lostAnswer = (meanwhile?: () => Promise<unknown>): Fault => ({
    ...{ kind: 'reset', of: 'answer', after: 0 },
    meanwhile,
  });

  /** Ceph begins its answer about many before it has deleted them. */
  const gone = async (...keys: string[]): Promise<void> => {
    for (const key of keys) while (await sound.exists(key));
  };

  it('never take a file that came after, when the answer was lost', async () => {
    await put(sound, 'next.txt', 'old');
    s3.proxy.strike(
      lostAnswer(() => put(sound, 'next.txt', 'new')),
      1,
      DELETE,
    );
    await expect(storage.delete('next.txt')).rejects.toThrow(StorageUnavailableError);
    expect(await readText(sound, 'next.txt')).toBe('new');
  });

  it('never take a file that came after, in a revert', async () => {
    const staged = await stage(storage, 'old');
    const key = await storage.commit(staged, 'reverted.txt');
    s3.proxy.strike(
      lostAnswer(() => put(sound, key, 'new')),
      1,
      DELETE,
    );
    await storage.revert(staged, key);
    expect(await readText(sound, key)).toBe('new');
    expect(await storage.commit(staged, 'again.txt')).toBe('again.txt');
    expect(await readText(sound, 'again.txt')).toBe('old');
  });

  it('never take a file that came after, of many', async () => {
    await Promise.all(['many/1.txt', 'many/2.txt'].map((key) => put(sound, key, 'old')));
    s3.proxy.strike(
      lostAnswer(async () => {
        await gone('many/1.txt', 'many/2.txt');
        await put(sound, 'many/1.txt', 'new');
      }),
      1,
      DELETE_MANY,
    );
    const deleting = storage.deleteMany(['many/2.txt', 'many/1.txt']);
    await expect(deleting).rejects.toThrow(StorageUnavailableError);
    expect(await readText(sound, 'many/1.txt')).toBe('new');
    expect(await sound.exists('many/2.txt')).toBe(false);
  });

  it('of many are done when nothing has the names', async () => {
    await put(sound, 'many/3.txt', 'old');
    s3.proxy.strike(
      lostAnswer(() => gone('many/3.txt')),
      1,
      DELETE_MANY,
    );
    await storage.deleteMany(['many/3.txt']);
    expect(await sound.exists('many/3.txt')).toBe(false);
  });

  it('are done when nothing has the name', async () => {
    await put(sound, 'gone.txt', 'old');
    s3.proxy.strike(lostAnswer(), 1, DELETE);
    await storage.delete('gone.txt');
    expect(await sound.exists('gone.txt')).toBe(false);
  });

  it('are repeated when S3 was too busy', async () => {
    await put(sound, 'busy.txt', 'old');
    s3.proxy.strike({ kind: 'slow down' }, 1, DELETE);
    await storage.delete('busy.txt');
    expect(await sound.exists('busy.txt')).toBe(false);
  });

  it('of many go on after a file that is refused, and say so', async () => {
    const missing = Array.from({ length: 1_000 }, (_, i) => `missing/${i}.txt`);
    await put(sound, 'last.txt', 'old');
    s3.proxy.strike(answer(200, refusedKey('missing/0.txt', 'AccessDenied')), 1, DELETE_MANY);
    const deleting = storage.deleteMany([...missing, 'last.txt']);
    await expect(deleting).rejects.toThrow(StorageDeniedError);
    await expect(deleting).rejects.toMatchObject({
      cause: { cause: [{ Key: 'missing/0.txt', Code: 'AccessDenied' }] },
    });
    expect(await sound.exists('last.txt')).toBe(false);
  });

  it('do nothing where S3 has none, and says so', async () => {
    s3.proxy.strike(refusal(404, 'NoSuchKey'), Infinity, DELETE);
    await storage.delete('missing.txt');
    await storage.discard({ id: 'missing'.repeat(3), size: 0 });
  });

  it('of a revert are repeated when they did not arrive', async () => {
    const staged = await stage(storage, 'old');
    const key = await storage.commit(staged, 'late.txt');
    s3.proxy.strike({ kind: 'reset', of: 'request', after: 20 }, 1, DELETE);
    await storage.revert(staged, key);
    expect(await sound.exists(key)).toBe(false);
  });
});

describe('a delete without an answer', () => {
  const NOW = Date.parse('Mon, 02 Nov 2026 12:00:10 GMT');

  it.each([
    ['is repeated when the file is older', 'Mon, 02 Nov 2026 12:00:05 GMT', 2],
    ['is not when the file may be newer', 'Mon, 02 Nov 2026 12:00:09 GMT', 1],
    ['is not when nobody knows', '', 1],
  ])('%s', async (_name, lastModified, times) => {
    let deletes = 0;
    let first = 0;
    const server = await HttpServer.start(({ method, socket }, response) => {
      if (method === 'DELETE' && ++deletes === 1) {
        first = performance.now();
        socket.resetAndDestroy();
        return;
      }
      const date = new Date(NOW + performance.now() - first).toUTCString(); // it goes on for a slow machine too
      response.writeHead(200, { date, 'last-modified': lastModified }).end();
    });
    const storage = storageAt(server);
    await storage.delete('a.txt').catch(() => undefined);
    expect(deletes).toBe(times);
    await server.stop();
  });

  it('of many is repeated when S3 was too busy', async () => {
    let requests = 0;
    const server = await HttpServer.start((request, response) => {
      response.statusCode = ++requests === 1 ? 503 : 200;
      request.resume().on('end', () => response.end('<DeleteResult/>'));
    });
    await storageAt(server).deleteMany(['a.txt', 'b.txt']);
    expect(requests).toBe(2);
    await server.stop();
  });
});

describe('a file that was not deleted with others', () => {
  it.each<[string, number, typeof StorageFailedError | undefined]>([
    ['SlowDown', 1, undefined],
    ['ServiceUnavailable', 1, undefined],
    ['InternalError', 1, undefined],
    ['NoSuchKey', 0, undefined],
    ['AccessDenied', 0, StorageDeniedError],
    ['MethodNotAllowed', 0, StorageFailedError],
  ])('because of %s is deleted by itself %d times', async (code, times, type) => {
    let deletes = 0;
    const server = await HttpServer.start((request, response) => {
      if (request.method === 'DELETE') deletes++;
      response.setHeader('last-modified', 'Mon, 02 Nov 2026 12:00:00 GMT');
      request.resume().on('end', () => response.end(refusedKey('a.txt', code)));
    });
    const deleting = storageAt(server).deleteMany(['a.txt', 'b.txt']);
    if (type) await expect(deleting).rejects.toThrow(type);
    else await deleting;
    expect(deletes).toBe(times);
    await server.stop();
  });

  it.each([
    ['InternalError', 500, StorageAnsweredBadlyError],
    ['SlowDown', 503, StorageUnavailableError],
  ])('is told of when it fails again with %s', async (code, status, type) => {
    const server = await HttpServer.start((request, response) => {
      response.setHeader('last-modified', 'Mon, 02 Nov 2026 12:00:00 GMT');
      if (request.method === 'DELETE') response.statusCode = status;
      request.resume().on('end', () => response.end(refusedKey('a.txt', code)));
    });
    await expect(storageAt(server).deleteMany(['a.txt'])).rejects.toThrow(type);
    await server.stop();
  });
});

function refusedKey(key: string, code: string): string {
  return `<DeleteResult><Error><Key>${key}</Key><Code>${code}</Code></Error></DeleteResult>`;
}

function storageAt({ url }: HttpServer): S3Storage {
  return new S3Storage({
    ...{ bucket: 'bucket', region: 'us-east-1', endpoint: url, forcePathStyle: true },
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    delivery: 'proxy',
  });
}
