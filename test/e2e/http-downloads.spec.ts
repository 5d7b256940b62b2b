import {
  AllowStaff,
  LocalStorage,
  MemoryStorage,
  PrivateStorageModule,
  type FileStorage,
} from 'nestjs-private-storage';
import { mkdtemp, open, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilClockMoves } from '../storage/file-clock.js';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { head, everything, openSocket, parseAnswer, rawRequest } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const TEXT = Array.from({ length: 1000 }, (_, i) => `${i % 10}`).join('');
const PATH = '/private-media/a.txt';

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A storage that says when somebody opens a file. */
class WatchedStorage extends MemoryStorage {
  opened = 0;

  override open(key: string): ReturnType<FileStorage['open']> {
    this.opened++;
    return super.open(key);
  }
}

const STORAGES = ['local', 'memory'] as const;

describe.each(ADAPTERS.flatMap((adapter) => STORAGES.map((kind) => ({ adapter, kind }))))(
  'RFC 9110 on $adapter from $kind',
  ({ adapter, kind }) => {
    let running: RunningApp;
    let root: string;
    let etag: string;
    let lastModified: string;

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'http-'));
      const storage = kind === 'local' ? new LocalStorage({ root }) : new MemoryStorage();
      await storage.put('a.txt', bytes(TEXT));
      await storage.put('empty.txt', bytes(''));
      running = await startApp(adapter, {
        imports: [
          PrivateStorageModule.forRoot({
            storage,
            baseUrl: '/private-media',
            guards: [LoginGuard, AllowStaff],
          }),
        ],
      });
      const { headers } = await get(PATH);
      etag = headers.get('etag') ?? '';
      lastModified = headers.get('last-modified') ?? '';
    });

    afterAll(async () => {
      await running.close();
      await rm(root, { recursive: true });
    });

    const get = (
      path: string,
      headers: Record<string, string> = {},
      method = 'GET',
    ): Promise<Response> =>
      fetch(running.url + path, {
        method,
        ...as('staff', { 'accept-encoding': 'gzip', ...headers }),
      });

    it('sends a strong ETag and a date', () => {
      expect(etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
      expect(Date.parse(lastModified)).toBeLessThanOrEqual(Date.now());
    });

    it.each([
      ['bytes=2-4', 206, '234', 'bytes 2-4/1000'],
      ['bytes=-3', 206, '789', 'bytes 997-999/1000'],
      ['bytes=998-', 206, '89', 'bytes 998-999/1000'],
      ['bytes=998-5000', 206, '89', 'bytes 998-999/1000'],
      ['bytes=0-4,3-6', 206, '0123456', 'bytes 0-6/1000'],
      ['bytes=-5000', 206, TEXT, 'bytes 0-999/1000'],
      ['bytes=1000-', 416, '', 'bytes */1000'],
      ['bytes=-0', 416, '', 'bytes */1000'],
      ['bytes=4-2', 200, TEXT, null],
      ['items=0-1', 200, TEXT, null],
    ])('Range: %s', async (range, status, body, contentRange) => {
      const response = await get(PATH, { range });
      expect([response.status, await response.text()]).toEqual([status, body]);
      expect(response.headers.get('content-range')).toBe(contentRange);
      expect(response.headers.get('content-length')).toBe(String(body.length));
      expect(response.headers.get('etag')).toBe(etag);
    });

    it('sends several ranges as multipart/byteranges, in the order asked for', async () => {
      const response = await get(PATH, { range: 'bytes=500-504,0-1,-1' });
      const boundary = /^multipart\/byteranges; boundary=(\w{36})$/.exec(
        response.headers.get('content-type') ?? '',
      )?.[1];
      const part = (range: string, body: string): string =>
        `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/1000\r\n\r\n${body}\r\n`;
      const body = `${part('500-504', '01234')}${part('0-1', '01')}${part('999-999', '9')}--${boundary}--\r\n`;
      expect([response.status, await response.text()]).toEqual([206, body]);
      expect(response.headers.get('content-length')).toBe(String(body.length));
      expect(response.headers.get('content-range')).toBeNull();
    });

    it.each([
      [
        'with more ranges than 50',
        Array.from({ length: 51 }, (_, i) => `${i * 10}-${i * 10}`).join(),
      ],
      [
        'with ranges that weigh more than the file',
        Array.from({ length: 40 }, (_, i) => `${i * 10}-${i * 10}`).join(),
      ],
      ['with overlapping ranges', Array.from({ length: 50 }, () => '0-').join()],
    ])('never sends more than the file to a request %s', async (_, ranges) => {
      const response = await get(PATH, { range: `bytes=${ranges}` });
      expect(await response.text()).toBe(TEXT);
    });

    it.each([
      [304, () => ({ 'if-none-match': etag })],
      [304, () => ({ 'if-none-match': `"x", W/${etag}` })],
      [304, () => ({ 'if-none-match': '*' })],
      [304, () => ({ 'if-modified-since': lastModified })],
      [200, () => ({ 'if-modified-since': lastModified, 'if-none-match': '"x"' })],
      [200, () => ({ 'if-modified-since': '' })],
      [200, () => ({ 'if-match': `"x", ${etag}` })],
      [200, () => ({ 'if-match': '*' })],
      [412, () => ({ 'if-match': `W/${etag}` })],
      [412, () => ({ 'if-match': '"x"' })],
      [200, () => ({ 'if-unmodified-since': lastModified })],
      [412, () => ({ 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' })],
      [206, () => ({ range: 'bytes=0-1', 'if-range': etag })],
      [200, () => ({ range: 'bytes=0-1', 'if-range': `W/${etag}` })],
      [200, () => ({ range: 'bytes=0-1', 'if-range': '"x"' })],
      [200, () => ({ range: 'bytes=0-1', 'if-range': 'Sun, 06 Nov 1994 08:49:37 GMT' })],
      [304, () => ({ range: 'bytes=0-1', 'if-none-match': etag })],
      [412, () => ({ range: 'bytes=0-1', 'if-match': '"x"' })],
    ])('%i for a condition (row %#)', async (status, headers) => {
      for (const method of ['GET', 'HEAD']) {
        const response = await get(PATH, headers(), method);
        const expected = method === 'HEAD' && status === 206 ? 200 : status;
        const sent = method === 'HEAD' || expected >= 300 ? '' : expected === 206 ? '01' : TEXT;
        expect([method, response.status, await response.text()]).toEqual([method, expected, sent]);
        expect(response.headers.get('etag')).toBe(etag);
        expect(response.headers.get('cache-control')).toBe('private, no-cache, no-transform');
      }
    });

    it.each([
      PATH,
      '/private-media/empty.txt',
      '/private-media/missing.txt',
      '/private-media/..%2f',
    ])('HEAD %s has every header of GET', async (path) => {
      const headers = as('staff').headers;
      const answer = await rawRequest(running.url, 'GET', path, headers);
      const ranged = { ...headers, Range: 'bytes=0-1' };
      expect(await rawRequest(running.url, 'HEAD', path, headers)).toEqual({
        ...answer,
        body: Buffer.alloc(0),
      });
      expect(await rawRequest(running.url, 'HEAD', path, ranged)).toEqual({
        ...answer,
        body: Buffer.alloc(0),
      });
    });

    it.each([
      [{}, 200],
      [{ range: 'bytes=0-' }, 416],
      [{ range: 'bytes=-1' }, 200],
    ])('answers for an empty file to %j with %i', async (headers, status) => {
      const response = await get('/private-media/empty.txt', headers);
      expect([response.status, await response.text()]).toEqual([status, '']);
      expect(response.headers.get('content-length')).toBe('0');
    });

    it('answers requests that come in one go in their order, and keeps the connection', async () => {
      const socket = await openSocket(running.url);
      const user = as('staff').headers;
      const rows: [string, string, Record<string, string>, number, string][] = [
        ['GET', PATH, {}, 200, TEXT],
        ['HEAD', PATH, {}, 200, ''],
        ['GET', PATH, { Range: 'bytes=2-4' }, 206, '234'],
        ['GET', PATH, { 'If-None-Match': '*' }, 304, ''],
        ['GET', '/private-media/missing.txt', {}, 404, ''],
        ['GET', PATH, { Range: 'bytes=5000-' }, 416, ''],
        ...Array.from(
          { length: 20 },
          (): [string, string, Record<string, string>, number, string] => [
            'GET',
            PATH,
            {},
            200,
            TEXT,
          ],
        ),
      ];
      const requests = rows.map(([method, path, headers], i) =>
        head(method, path, {
          ...user,
          ...headers,
          ...(i === rows.length - 1 ? { Connection: 'close' } : {}),
        }),
      );
      socket.write(requests.join(''));
      let rest = await everything(socket);
      for (const [method, , , status, body] of rows) {
        const answer = parseAnswer(rest);
        const length = Number(/content-length: (\d+)/i.exec(answer.headers.join('\n'))?.[1] ?? 0);
        const text =
          method === 'HEAD' || status === 304 ? '' : answer.body.subarray(0, length).toString();
        expect([answer.status, status === 404 ? '' : text]).toEqual([status, body]);
        rest = answer.body.subarray(Buffer.byteLength(text));
      }
      expect(rest).toHaveLength(0);
    });
  },
);

describe.each(ADAPTERS)('files on %s', (adapter) => {
  let running: RunningApp;
  let root: string;
  const memory = new WatchedStorage();

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'http-'));
    await memory.put('a.txt', bytes(TEXT));
    const guards = [LoginGuard, AllowStaff];
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage: new LocalStorage({ root }),
          baseUrl: '/private-media',
          guards,
          storages: { memory: { storage: memory, baseUrl: '/memory', guards } },
        }),
      ],
    });
  });

  afterAll(async () => {
    await running.close();
    await rm(root, { recursive: true });
  });

  const get = (path: string, headers?: Record<string, string>, method = 'GET'): Promise<Response> =>
    fetch(running.url + path, { method, ...as('staff', headers) });

  it('are not opened for a HEAD', async () => {
    const before = memory.opened;
    expect((await get('/memory/a.txt', {}, 'HEAD')).headers.get('content-length')).toBe('1000');
    expect(memory.opened).toBe(before);
    await (await get('/memory/a.txt')).text();
    expect(memory.opened).toBe(before + 1);
  });

  it('get another ETag when they are rewritten within a second at the same size', async () => {
    const tags = new Set<string | null>();
    const path = join(root, 'rewritten.txt');
    for (const text of ['one', 'two', 'six', 'ten']) {
      await writeFile(path, text);
      const response = await get('/private-media/rewritten.txt');
      expect(await response.text()).toBe(text);
      tags.add(response.headers.get('etag'));
      untilClockMoves(path);
    }
    expect(tags.size).toBe(4);
  });

  it('are never dated in the future', async () => {
    await writeFile(join(root, 'future.txt'), 'x');
    await utimes(join(root, 'future.txt'), new Date(), new Date(Date.now() + 1_000_000_000));
    const { headers } = await get('/private-media/future.txt');
    expect(Date.parse(headers.get('last-modified') ?? '')).toBeLessThanOrEqual(
      Date.parse(headers.get('date') ?? ''),
    );
  });

  it('can be larger than 4 GiB', async () => {
    const size = 5 * 1024 ** 3;
    const path = join(root, 'large.bin');
    await writeFile(path, '');
    await truncate(path, size);
    const handle = await open(path, 'r+');
    await handle.write('end', size - 3);
    await handle.close();
    const whole = await get('/private-media/large.bin', {}, 'HEAD');
    expect(whole.headers.get('content-length')).toBe(String(size));
    const part = await get('/private-media/large.bin', { range: `bytes=${size - 5}-` });
    expect(await part.text()).toBe('\0\0end');
    expect(part.headers.get('content-range')).toBe(`bytes ${size - 5}-${size - 1}/${size}`);
    const parts = await get('/private-media/large.bin', { range: `bytes=0-0,${size - 3}-` });
    expect(await parts.text()).toContain(
      `Content-Range: bytes ${size - 3}-${size - 1}/${size}\r\n\r\nend\r\n`,
    );
  });
});
