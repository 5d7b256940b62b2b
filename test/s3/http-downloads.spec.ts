import { randomBytes } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { AllowStaff, PrivateStorageModule } from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { ADAPTERS, startApp, type RunningApp } from '../e2e/app.js';
import { until } from '../e2e/open-files.js';
import { as, LoginGuard } from '../e2e/users.js';
import { describeWith } from '../programs.js';
import { put } from '../storage/bytes.js';
import { optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { FaultProxy } from './fault-proxy.js';
import { HttpServer } from './http-server.js';
import { startStub } from './stub-server.js';

const MIB = 1024 ** 2;
const LARGE = randomBytes(20 * MIB);
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(300_000)]);

describeWith(...CEPH_PROGRAMS).each(ADAPTERS)('downloads from S3 on %s', (adapter) => {
  let ceph: Ceph;
  let proxy: FaultProxy;
  let options: S3StorageOptions;
  let running: RunningApp;

  beforeAll(async () => {
    ceph = await startCeph();
    proxy = await FaultProxy.start(ceph.endpoint);
    options = { ...optionsOf(ceph), endpoint: proxy.url };
    const storage = new S3Storage(options);
    await storage.prepare();
    await put(storage, 'reports/Heizöl.pdf', PDF);
    await put(storage, 'large.bin', LARGE);
    running = await start(storage);
  });

  afterEach(() => proxy.heal());

  afterAll(async () => {
    await running.close();
    await proxy.stop();
    await ceph.stop();
  });

  const start = (storage: S3Storage): Promise<RunningApp> =>
    startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/media',
          guards: [LoginGuard, AllowStaff],
        }),
      ],
    });

  const ask = (key: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${running.url}/media/${key}`, { method, ...as('staff', headers) });

  it('asks S3 once for a file, a range, a validation and a HEAD', async () => {
    proxy.requests = 0;
    const whole = await ask('reports/Heiz%C3%B6l.pdf');
    expect(Buffer.from(await whole.arrayBuffer()).equals(PDF)).toBe(true);
    expect(whole.headers.get('content-type')).toBe('application/pdf');
    expect(proxy.requests).toBe(1);

    const part = await ask('large.bin', { range: 'bytes=1000000-1999999' });
    expect(part.status).toBe(206);
    const expected = LARGE.subarray(1_000_000, 2_000_000);
    expect(Buffer.from(await part.arrayBuffer()).equals(expected)).toBe(true);
    expect(proxy.requests).toBe(2);

    const etag = whole.headers.get('etag') ?? '';
    const same = await ask('reports/Heiz%C3%B6l.pdf', { 'if-none-match': etag });
    expect(same.status).toBe(304);
    expect(proxy.requests).toBe(3);

    const head = await ask('large.bin', {}, 'HEAD');
    expect(head.headers.get('content-length')).toBe(String(LARGE.length));
    expect(proxy.requests).toBe(4);
  });

  it.each([
    ['bytes=-5', LARGE.subarray(-5)],
    ['bytes=20971500-', LARGE.subarray(20_971_500)],
    ['bytes=0-0', LARGE.subarray(0, 1)],
    ['bytes=20971519-99999999', LARGE.subarray(-1)],
  ])('sends a range as it was asked for: %s', async (range, expected) => {
    const answer = await ask('large.bin', { range });
    expect(answer.status).toBe(206);
    expect(Buffer.from(await answer.arrayBuffer()).equals(expected)).toBe(true);
  });

  it('refuses a range that is not there, and sends several', async () => {
    const beyond = await ask('large.bin', { range: 'bytes=20971520-' });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe(`bytes */${LARGE.length}`);
    const several = await ask('large.bin', { range: 'bytes=0-4,10-14' });
    expect(several.status).toBe(206);
    expect(Buffer.from(await several.arrayBuffer()).includes(LARGE.subarray(10, 15))).toBe(true);
  });

  it.each([
    [403, 'AccessDenied', 403, 'STORAGE_DENIED'],
    [404, 'NoSuchKey', 404, 'FILE_NOT_FOUND'],
    [404, 'NoSuchBucket', 500, 'STORAGE_FAILED'],
    [500, 'InternalError', 502, 'STORAGE_ANSWERED_BADLY'],
    [503, 'SlowDown', 503, 'STORAGE_UNAVAILABLE'],
    [504, '', 504, 'STORAGE_TIMED_OUT'],
  ])('answers for S3: %d %s becomes %d %s', async (status, code, expected, expectedCode) => {
    const server = await startStub(status, code);
    const client = { ...options, endpoint: server.url };
    const storage = new LazyS3Storage(client);
    const app = await start(storage);
    const answer = await fetch(`${app.url}/media/secret.txt`, as('staff'));
    const text = await answer.text();
    expect(answer.status).toBe(expected);
    expect(JSON.parse(text)).toMatchObject({ code: expectedCode });
    expect(text).not.toMatch(/secret|test-|private-media/);
    await app.close();
    await server.stop();
  });

  it('has clients of a redirect get the same file, with the same headers', async () => {
    const app = await start(new S3Storage({ ...options, delivery: 'redirect', urlExpires: 60 }));
    const url = `${app.url}/media/reports/Heiz%C3%B6l.pdf`;
    const sent = await fetch(url, { ...as('staff'), redirect: 'manual' });
    expect(sent.status).toBe(302);
    expect(sent.headers.get('cache-control')).toBe('no-store');
    const location = sent.headers.get('location') ?? '';
    const answer = await fetch(location);
    expect(Buffer.from(await answer.arrayBuffer()).equals(PDF)).toBe(true);
    const direct = await ask('reports/Heiz%C3%B6l.pdf');
    await direct.arrayBuffer();
    for (const header of ['content-type', 'content-disposition', 'etag', 'content-length']) {
      expect(answer.headers.get(header)).toBe(direct.headers.get(header));
    }
    expect((await fetch(location.replace('application', 'text'))).status).toBe(403);
    expect((await fetch(`${app.url}/media/missing.pdf`, as('staff'))).status).toBe(404);
    await app.close();
  });

  it('answers 504 when S3 says nothing, and 503 when it cannot be reached', async () => {
    const impatient = await start(new LazyS3Storage({ ...options, timeout: 0.5 }));
    proxy.strike({ kind: 'black hole' });
    const unanswered = await fetch(`${impatient.url}/media/large.bin`, as('staff'));
    expect(unanswered.status).toBe(504);
    await impatient.close();
    proxy.strike({ kind: 'refuse' });
    expect((await ask('large.bin')).status).toBe(503);
  });

  it('goes on where S3 broke off, and breaks off itself where it cannot', async () => {
    proxy.strike({ kind: 'reset', of: 'answer', after: 5 * MIB }, 1);
    const mended = await ask('large.bin');
    expect(Buffer.from(await mended.arrayBuffer()).equals(LARGE)).toBe(true);
    proxy.strike({ kind: 'end', of: 'answer', after: MIB });
    const broken = await ask('large.bin');
    expect(broken.status).toBe(200);
    await expect(broken.arrayBuffer()).rejects.toThrow();
  });

  it('lets go of S3 when 200 clients go away', async () => {
    const idle = proxy.connections;
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => begin(running.url)));
      for (const answer of answers) answer.destroy();
    }
    await until(() => proxy.connections <= idle);
    const after = await ask('large.bin');
    expect(Buffer.from(await after.arrayBuffer()).equals(LARGE)).toBe(true);
  });

  it.each([
    ['before S3 has answered', 0],
    ['when S3 stops in the middle', 1_000],
  ])('lets go of S3 when its client goes away %s', async (_when, sent) => {
    const connections = { open: 0 };
    const silent = await HttpServer.start(({ socket }, response) => {
      connections.open++;
      socket.once('close', () => connections.open--);
      if (sent > 0) response.writeHead(200, headersOf(sent * 2)).write('x'.repeat(sent));
    });
    const app = await start(new LazyS3Storage({ ...options, endpoint: silent.url, timeout: 3600 }));
    const request = get(`${app.url}/media/large.bin`, as('staff')).on('error', () => undefined);
    if (sent > 0) await once(request, 'response');
    await until(() => connections.open === 1);
    request.destroy();
    await until(() => connections.open === 0);
    await app.close();
    await silent.stop();
  });
});

function headersOf(size: number): Record<string, string> {
  const lastModified = new Date(0).toUTCString();
  return { 'content-length': String(size), 'last-modified': lastModified, etag: '"1"' };
}

/** Not made ready at start-up: its server never was. */
class LazyS3Storage extends S3Storage {
  override prepare(): Promise<void> {
    return Promise.resolve();
  }

  override sweep(): Promise<number> {
    return Promise.resolve(0);
  }
}

async function begin(url: string): Promise<IncomingMessage> {
  const request = get(`${url}/media/large.bin`, as('staff')).on('error', () => undefined);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer.on('error', () => undefined);
}
