import { StorageUnavailableError } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, readText, stage } from '../storage/bytes.js';
import { preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import type { Fault } from './fault-proxy.js';
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

function storageAt({ url }: HttpServer): S3Storage {
  return new S3Storage({
    ...{ bucket: 'bucket', region: 'us-east-1', endpoint: url, forcePathStyle: true },
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    delivery: 'proxy',
  });
}
