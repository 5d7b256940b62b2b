import { MemoryStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTERS, startApp, type RunningApp } from '../e2e/app.js';
import { as, LoginGuard } from '../e2e/users.js';
import { describeWith } from '../programs.js';
import { put } from '../storage/bytes.js';
import { startNginx, type Nginx } from './nginx.js';

const KEY = "docs/ü %41 100%?#+&'.txt";
const TEXT = 'from the store';
/** Each of these is something else after it was decoded and encoded again. */
const QUERY = "?X-Credential=AKIA%2F20261123%2Feu&Name='%20+~*()&X-Signature=a%2Bb%2F%3d//=%20";

const pathOf = (key: string): string => `/bucket/${encodeURIComponent(key)}`;

class SigningStorage extends MemoryStorage {
  override readonly canSignUrls = true;
  origin = '';

  protected override signObjectUrl(key: string): Promise<string> {
    return Promise.resolve(this.origin + pathOf(key) + QUERY);
  }
}

async function listen(
  answer: (asked: IncomingMessage, response: ServerResponse) => unknown,
): Promise<[Server, string]> {
  const server = createServer((asked, response) => void answer(asked, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

describeWith('nginx').each(ADAPTERS)('nginx between a store and an app on %s', (adapter) => {
  let store: Server;
  let origin: string;
  let running: RunningApp;
  let nginx: Nginx;
  let asked: IncomingMessage[];
  let status: number;

  beforeAll(async () => {
    [store, origin] = await listen((request, response) => {
      asked.push(request);
      const isRange = request.headers.range === 'bytes=5-7';
      const [code, body] =
        status !== 200 ? [status, ERROR] : isRange ? [206, TEXT.slice(5, 8)] : [200, TEXT];
      response.writeHead(code, {
        ...STORES_OWN,
        'Content-Length': body.length,
        ...(code === 206 ? { 'Content-Range': `bytes 5-7/${TEXT.length}` } : {}),
      });
      response.end(body);
    });
    const storage = new SigningStorage();
    storage.origin = origin;
    await put(storage, KEY, TEXT);
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/files',
          guards: [LoginGuard],
          server: 'nginx',
        }),
      ],
    });
    nginx = await startNginx(running.url, [{ name: 'default', signedOrigin: origin }]);
  });

  beforeEach(() => {
    asked = [];
    status = 200;
  });

  afterAll(async () => {
    await nginx.stop();
    await running.close();
    await close(store);
  });

  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => {
    const path = KEY.split('/').map(encodeURIComponent).join('/');
    return fetch(`${nginx.url}/files/${path}`, { method, ...as('root', headers) });
  };

  it('asks for exactly what was signed, and tells the store nothing of the client', async () => {
    const response = await get({ authorization: 'Bearer secret', cookie: 'session=secret' });
    expect([response.status, await response.text()]).toEqual([200, TEXT]);
    expect(asked.map(({ method, url }) => [method, url])).toEqual([['GET', pathOf(KEY) + QUERY]]);
    expect(asked[0]?.headers).toEqual({ host: new URL(origin).host });
  });

  it("sends the app's headers in the place of the store's", async () => {
    const { headers } = await get();
    const expected = await fetch(`${running.url}${new URL((await get()).url).pathname}`, {
      method: 'HEAD',
      ...as('root'),
    });
    for (const name of PROMISED) expect(headers.get(name)).toBe(expected.headers.get(name));
    expect([...headers].join()).not.toMatch(/x-amz|AmazonS3|x-accel|stores-own|bucket/i);
  });

  it('passes on a range', async () => {
    const response = await get({ range: 'bytes=5-7' });
    expect([response.status, await response.text()]).toEqual([206, TEXT.slice(5, 8)]);
    expect(response.headers.get('content-range')).toBe(`bytes 5-7/${TEXT.length}`);
    expect(asked[0]?.headers).toEqual({ host: new URL(origin).host, range: 'bytes=5-7' });
  });

  it.each([
    ['a HEAD', 200, {}, 'HEAD'],
    ['a range beyond the end', 416, { range: 'bytes=99-' }, 'GET'],
    ['a copy that is still good', 304, { 'if-none-match': '*' }, 'GET'],
    ['a stranger', 401, { 'x-user': 'nobody' }, 'GET'],
  ])('does not ask the store for %s', async (_what, expected, headers, method) => {
    const response = await fetch((await get()).url, {
      method,
      headers: { ...as('root').headers, ...headers },
    });
    expect(response.status).toBe(expected);
    expect(asked).toHaveLength(1); // by the first GET
  });

  it.each([
    [403, 502],
    [404, 404],
    [301, 502],
    [400, 502],
    [500, 502],
    [503, 502],
  ])('tells nobody what the store says with %i: %i', async (theirs, ours) => {
    status = theirs;
    const response = await get();
    expect(response.status).toBe(ours);
    expect(await response.text()).not.toMatch(/NoSuchKey|secret/);
    expect([...response.headers].join()).not.toMatch(/x-amz|stores-own/i);
  });

  it('lets nobody ask the store by himself', async () => {
    const response = await fetch(`${nginx.url}/private-x-accel-redirect/default/?${pathOf(KEY)}`);
    expect(response.status).toBe(404);
    expect(asked).toEqual([]);
  });
});

const PROMISED = [
  ...['content-type', 'content-disposition', 'cache-control', 'content-security-policy'],
  ...['x-content-type-options', 'content-length', 'set-cookie', 'accept-ranges'],
];

const ERROR = '<Error><Code>NoSuchKey</Code><BucketName>secret</BucketName></Error>';

const STORES_OWN: OutgoingHttpHeaders = {
  'Content-Type': 'text/html',
  'Content-Disposition': 'inline; filename=stores-own',
  'Cache-Control': 'public, max-age=31536000',
  ETag: '"stores-own"',
  'Content-Security-Policy': 'stores-own',
  'Set-Cookie': 'stores=own',
  'X-Amz-Request-Id': 'stores-own',
  'X-Amz-Server-Side-Encryption': 'AES256',
  'Access-Control-Allow-Origin': '*',
  'Accept-Ranges': 'bytes',
  Server: 'AmazonS3',
};

describeWith('nginx')('nginx, when a file is replaced after the app has looked at it', () => {
  const SEEN = 'Thu, 01 Jan 2026 00:00:00 GMT';
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'replaced-')));
  const path = join(folder, 'a.txt');
  let app: Server;
  let nginx: Nginx;

  beforeAll(async () => {
    writeFileSync(path, 'the bytes');
    const [server, upstream] = await listen((_asked, response) => {
      const internal = { 'X-Accel-Redirect': '/private-x-accel-redirect/default/a.txt' };
      response.writeHead(200, { ...internal, ETag: '"seen"', 'Last-Modified': SEEN }).end();
    });
    app = server;
    nginx = await startNginx(upstream, [{ name: 'default', root: folder }]);
  });

  afterAll(async () => {
    await nginx.stop();
    await close(app);
    rmSync(folder, { recursive: true });
  });

  it.each([
    [SEEN, '"seen"'],
    ['Thu, 01 Jan 2026 00:00:01 GMT', null],
  ])("says that it is the app's version only if it is: %s", async (modified, etag) => {
    utimesSync(path, new Date(modified), new Date(modified));
    const response = await fetch(nginx.url);
    expect([response.status, await response.text()]).toEqual([200, 'the bytes']);
    expect(response.headers.get('etag')).toBe(etag);
    expect(response.headers.get('last-modified')).toBe(modified);
    const part = await fetch(nginx.url, { headers: { range: 'bytes=4-', 'if-range': '"seen"' } });
    expect(part.status).toBe(etag ? 206 : 200);
  });

  it.each(['"seen"', '"another"'])('leaves %s as If-None-Match to the app', async (tag) => {
    const response = await fetch(nginx.url, {
      headers: { 'if-none-match': tag, 'if-modified-since': new Date().toUTCString() },
    });
    expect(response.status).toBe(200);
  });
});
