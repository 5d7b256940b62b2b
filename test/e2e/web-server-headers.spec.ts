import {
  AllowSuperuser,
  LocalStorage,
  NginxServer,
  PrivateStorageModule,
  type FileServerName,
} from 'nestjs-private-storage';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { everything, head, openSocket, rawRequest, type RawAnswer } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const NAMES = [
  'plain.txt',
  'Rückstoß.txt',
  '报告.pdf',
  '😀.png',
  'a blank.txt',
  '100%.txt',
  '%41.txt',
  'a%2Fb.txt',
  'what?.txt',
  'a#b.txt',
  'a+b.txt',
  'a&b;c=d.txt',
  `"double" and 'single'.txt`,
  'colon:a.txt',
  'sub/folder/a.txt',
];

/** How each server is told: the header, and what it holds for a key. */
const SERVERS: [FileServerName, string, (root: string, key: string) => string][] = [
  [
    'nginx',
    'X-Accel-Redirect',
    (_root, key) => `/private-x-accel-redirect/default/${encoded(key)}`,
  ],
  ['apache', 'X-Sendfile', (root, key) => latin1(`${root}/${key}`)],
  ['lighttpd', 'X-Sendfile', (root, key) => encoded(`${root}/${key}`)],
  ['caddy', 'X-Sendfile', (root, key) => latin1(`${root}/${key}`)],
];
const INTERNAL = /^(?:x-accel-|x-sendfile|x-lighttpd)/i;

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function latin1(path: string): string {
  return Buffer.from(path).toString('latin1');
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function internalHeaders({ headers }: RawAnswer): string[] {
  return headers.filter((line) => INTERNAL.test(line));
}

function header({ headers }: RawAnswer, name: string): string | undefined {
  return headers
    .find((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    ?.slice(name.length + 2);
}

const SETUPS = ADAPTERS.flatMap((adapter) =>
  SERVERS.map(([server, name, value]) => ({ adapter, server, name, value })),
);

describe.each(SETUPS)('$server before an app on $adapter', ({ adapter, server, name, value }) => {
  let folder: string;
  let running: RunningApp;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'web-server-')));
    const storage = new LocalStorage({ root: folder });
    for (const key of [...NAMES, 'page.html', ' blanks '])
      await storage.put(key, bytes(`of ${key}`));
    await storage.put('empty.txt', bytes(''));
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/private-media',
          guards: [LoginGuard, AllowSuperuser],
          server,
        }),
      ],
    });
  });

  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true });
  });

  const get = (key: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawRequest(running.url, method, `/private-media/${encoded(key)}`, {
      ...as('root').headers,
      ...headers,
    });

  it.each(NAMES)('is told %j in one header, and no bytes', async (key) => {
    const answer = await get(key);
    expect(answer.status).toBe(200);
    expect(internalHeaders(answer)).toEqual([`${name}: ${value(folder, key)}`]);
    expect([header(answer, 'Content-Length'), answer.body.length]).toEqual(['0', 0]);
  });

  it('gets all that the answer says of the file', async () => {
    const answer = await get('page.html');
    expect(header(answer, 'Content-Type')).toBe('text/html; charset=utf-8');
    expect(header(answer, 'Content-Disposition')).toBe('attachment; filename="page.html"');
    expect(header(answer, 'Cache-Control')).toBe('private, no-cache, no-transform');
    expect(header(answer, 'Content-Security-Policy')).toBe('sandbox');
    expect(header(answer, 'X-Content-Type-Options')).toBe('nosniff');
    expect(header(answer, 'ETag')).toMatch(/^"[^"]+"$/);
    expect(header(answer, 'Last-Modified')).toMatch(/GMT$/);
  });

  it('leaves ranges to it, and gets the 200 that they are taken from', async () => {
    const answer = await get('plain.txt', { range: 'bytes=1-2' });
    expect([answer.status, header(answer, 'Content-Range')]).toEqual([200, undefined]);
    expect(internalHeaders(answer)).toHaveLength(1);
  });

  it.each([
    ['a HEAD', 200, 'plain.txt', {}, 'HEAD'],
    ['a HEAD of nothing', 404, 'missing.txt', {}, 'HEAD'],
    ['a missing file', 404, 'missing.txt', {}, 'GET'],
    ['a refusal', 403, 'plain.txt', as('alice').headers, 'GET'],
    ['a refusal of nothing', 403, 'missing.txt', as('alice').headers, 'GET'],
    ['nobody', 401, 'plain.txt', as('nobody').headers, 'GET'],
    ['a key that is none', 400, '.staging/x', {}, 'GET'],
    ['another method', 405, 'plain.txt', {}, 'POST'],
    ['an empty file', 200, 'empty.txt', {}, 'GET'],
    ['a range beyond the end', 416, 'plain.txt', { range: 'bytes=999-' }, 'GET'],
    ['a failed condition', 412, 'plain.txt', { 'if-match': '"other"' }, 'GET'],
    ['a condition on time', 304, 'plain.txt', { 'if-modified-since': future() }, 'GET'],
    ['any tag', 304, 'plain.txt', { 'if-none-match': '*' }, 'GET'],
  ])('is told nothing with %s: %i', async (_what, status, key, headers, method) => {
    const answer = await get(key, headers, method);
    expect([answer.status, internalHeaders(answer)]).toEqual([status, []]);
    expect(answer.headers.join()).not.toContain(folder);
  });

  it('leaves to Node what only the open file can be held against', async () => {
    const tag = String(header(await get('plain.txt'), 'ETag'));
    const matched = await get('plain.txt', { 'if-match': tag });
    expect([matched.status, String(matched.body)]).toEqual([200, 'of plain.txt']);
    const part = await get('plain.txt', { 'if-range': tag, range: 'bytes=3-7' });
    expect([part.status, String(part.body)]).toEqual([206, 'plain']);
    const other = await get('plain.txt', { 'if-range': '"other"', range: 'bytes=3-7' });
    expect([other.status, String(other.body)]).toEqual([200, 'of plain.txt']);
    expect([matched, part, other].flatMap(internalHeaders)).toEqual([]);
  });

  it('answers a HEAD with the headers of the file', async () => {
    const [got, headed] = [await get('plain.txt'), await get('plain.txt', {}, 'HEAD')];
    expect([header(headed, 'Content-Length'), headed.body.length]).toEqual(['12', 0]);
    for (const field of ['Content-Type', 'Content-Disposition', 'ETag', 'Last-Modified'])
      expect(header(headed, field)).toBe(header(got, field));
  });

  it('answers pipelined requests in their order, and survives who leaves before', async () => {
    const ask = (key: string): string =>
      head('GET', `/private-media/${encoded(key)}`, as('root').headers);
    const leaving = await openSocket(running.url);
    leaving.write(ask('plain.txt') + ask('page.html'), () => leaving.destroy());
    const socket = await openSocket(running.url);
    const last = ask('page.html').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    socket.write(ask('plain.txt') + ask('missing.txt') + last, 'latin1');
    const told = String(await everything(socket)).match(/HTTP\/1\.1 \d+|^X-[AS].*/gm);
    expect(told).toEqual([
      'HTTP/1.1 200',
      `${name}: ${value(folder, 'plain.txt')}`,
      'HTTP/1.1 404',
      'HTTP/1.1 200',
      `${name}: ${value(folder, 'page.html')}`,
    ]);
  });

  it('does not name a file in a header that would lose the blanks of its name', async () => {
    const answer = await get(' blanks ');
    const told = internalHeaders(answer);
    if (value(folder, ' ').endsWith(' ')) {
      expect([told, String(answer.body)]).toEqual([[], 'of  blanks ']);
    } else {
      expect(told).toEqual([`${name}: ${value(folder, ' blanks ')}`]);
    }
  });
});

function future(): string {
  return new Date(Date.now() + 3_600_000).toUTCString();
}

describe.each(ADAPTERS)('what nginx is told besides, on %s', (adapter) => {
  it.each([
    [{}, []],
    [
      { buffering: false, limitRate: 100_000, expires: 0 },
      ['X-Accel-Buffering: no', 'X-Accel-Expires: 0', 'X-Accel-Limit-Rate: 100000'],
    ],
    [{ buffering: true }, ['X-Accel-Buffering: yes']],
  ])('%j', async (options, told) => {
    const folder = await mkdtemp(join(tmpdir(), 'web-server-'));
    const storage = new LocalStorage({ root: folder });
    await storage.put('a.txt', bytes('a'));
    const server = new NginxServer({ internalUrl: '/hidden/', ...options });
    const running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards: [LoginGuard], server }),
      ],
    });
    const answer = await rawRequest(running.url, 'GET', '/files/a.txt', as('root').headers);
    expect(internalHeaders(answer).sort()).toEqual(
      [...told, 'X-Accel-Redirect: /hidden/a.txt'].sort(),
    );
    await running.close();
    await rm(folder, { recursive: true });
  });
});
