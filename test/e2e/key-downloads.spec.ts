import {
  Module,
  type ExecutionContext,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import {
  AllowStaff,
  LocalStorage,
  MemoryStorage,
  PrivateStorageModule,
} from 'nestjs-private-storage';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, type Gzip } from 'node:zlib';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

type Middleware = (request: unknown, response: ServerResponse, next: () => void) => void;

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe.each(ADAPTERS)('downloads by key on %s', (adapter) => {
  let running: RunningApp;

  beforeAll(async () => {
    const storage = new MemoryStorage();
    await storage.put('reports/may.txt', bytes('0123456789'));
    const invoices = new MemoryStorage();
    await invoices.put('one.pdf', bytes('%PDF-1.4'));
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/private-media',
          guards: [LoginGuard, AllowStaff],
          storages: { invoices: { storage: invoices, baseUrl: '/invoices', guards: [LoginGuard] } },
        }),
      ],
    });
  });

  afterAll(() => running.close());

  it.each([
    ['staff', '/private-media/reports/may.txt', 200],
    ['alice', '/private-media/reports/may.txt', 403],
    ['nobody', '/private-media/reports/may.txt', 401],
    ['staff', '/private-media/reports/june.txt', 404],
    ['alice', '/private-media/reports/june.txt', 403],
    ['staff', '/private-media/..%2fx', 400],
    ['staff', '/invoices/one.pdf', 200],
    ['staff', '/private-media/one.pdf', 404],
  ])('answers %s asking for %s with %i', async (user, path, status) => {
    const response = await fetch(running.url + path, as(user));
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });

  it('sends the bytes, all headers and ranges', async () => {
    const whole = await fetch(`${running.url}/private-media/reports/may.txt`, as('staff'));
    expect(await whole.text()).toBe('0123456789');
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'inline; filename="may.txt"',
      'content-length': '10',
      'cache-control': 'private, no-cache, no-transform',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
    });
    const part = await fetch(
      `${running.url}/private-media/reports/may.txt`,
      as('staff', { range: 'bytes=2-4' }),
    );
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    const head = await fetch(`${running.url}/private-media/reports/may.txt`, {
      method: 'HEAD',
      ...as('staff'),
    });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      '10',
      whole.headers.get('etag'),
    ]);
  });

  it.each([
    ['POST', '/private-media/reports/may.txt', undefined, undefined],
    ['DELETE', '/private-media/reports/may.txt', undefined, undefined],
    ['PUT', '/private-media/a', 'application/octet-stream', 'bytes'],
    ['OPTIONS', '/private-media/a', undefined, undefined],
    ['PUT', '/private-media/reports/new.txt', undefined, 'bytes'],
    ['POST', '/private-media/reports/may.txt', 'application/json', '{"a":1}'],
    ['POST', '/private-media/reports/may.txt', 'multipart/form-data; boundary=x', '--x--'],
    ['PATCH', '/private-media/..%2f..%2fetc', 'text/xml', '<a/>'],
    ['PROPFIND', '/private-media/reports', undefined, undefined],
  ])('takes no %s %s, of type %s', async (method, path, type, body) => {
    for (const user of ['staff', 'nobody'] as const) {
      const answer = await fetch(running.url + path, {
        method,
        body: body === undefined ? undefined : Buffer.from(body),
        ...as(user, type === undefined ? {} : { 'content-type': type }),
      });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });
});

describe.each(ADAPTERS)("what the app's middleware does on %s", (adapter) => {
  const TEXT = 'compress me '.repeat(100_000);

  /** As the package `compression` does: not with `no-transform`, and with a `write` that forgets callbacks. */
  function compressing(_request: unknown, response: ServerResponse, next: () => void): void {
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    const writeHead = response.writeHead.bind(response);
    const raw = {
      write: (chunk: Buffer): boolean => write(chunk),
      end: (chunk?: Buffer): ServerResponse => end(chunk),
      writeHead: (status: number): ServerResponse => writeHead(status),
    };
    let gzip: Gzip | undefined;
    const compressed = {
      writeHead: (status: number): ServerResponse => {
        if (!String(response.getHeader('Cache-Control')).includes('no-transform')) gzip = start();
        return raw.writeHead(status);
      },
      write: (chunk: Buffer): boolean => (gzip ? gzip.write(chunk) : raw.write(chunk)),
      end: (chunk?: Buffer): ServerResponse => {
        if (gzip) gzip.end(chunk);
        else raw.end(chunk);
        return response;
      },
    };
    function start(): Gzip {
      response.removeHeader('Content-Length');
      response.setHeader('Content-Encoding', 'gzip');
      const started = createGzip();
      started.on('data', (chunk: Buffer) => {
        if (!raw.write(chunk)) started.pause();
      });
      response.on('drain', () => started.resume());
      started.on('drain', () => response.emit('drain'));
      started.on('end', () => raw.end());
      return started;
    }
    Object.assign(response, compressed);
    next();
  }

  /** As helmet and cors do. */
  function hardening(_request: unknown, response: ServerResponse, next: () => void): void {
    response.setHeader('Content-Security-Policy', "default-src 'self'");
    response.setHeader('Strict-Transport-Security', 'max-age=1');
    response.setHeader('Access-Control-Allow-Origin', 'https://app.test');
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    next();
  }

  async function download(middleware: Middleware, cacheControl?: string): Promise<Response> {
    const root = await mkdtemp(join(tmpdir(), 'middleware-'));
    const storage = new LocalStorage({ root });
    await storage.put('a.txt', bytes(TEXT));
    const { url, close } = await startApp(
      adapter,
      {
        imports: [
          PrivateStorageModule.forRoot({
            storage,
            baseUrl: '/files',
            cacheControl,
            guards: [LoginGuard, AllowStaff],
          }),
        ],
      },
      (app) => app.use(middleware),
    );
    const response = await fetch(`${url}/files/a.txt`, as('staff'));
    expect(await response.text()).toBe(TEXT);
    await close();
    await rm(root, { recursive: true });
    return response;
  }

  it('does not compress', async () => {
    const { headers } = await download(compressing);
    expect([headers.get('content-encoding'), headers.get('content-length')]).toEqual([
      null,
      String(TEXT.length),
    ]);
  });

  it('compresses where the app does without no-transform', async () => {
    const { headers } = await download(compressing, 'private, max-age=60');
    expect(headers.get('cache-control')).toBe('private, max-age=60');
    expect(headers.get('content-encoding')).toBe('gzip');
  });

  it('adds headers, and those of the file win', async () => {
    const { headers } = await download(hardening);
    expect(headers.get('content-security-policy')).toBe('sandbox');
    expect(headers.get('strict-transport-security')).toBe('max-age=1');
    expect(headers.get('access-control-allow-origin')).toBe('https://app.test');
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  /** CORS as a middleware of a module, which runs after those of global modules. */
  @Module({})
  class CorsModule implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      const allow = (request: { method: string }, response: ServerResponse, next: () => void) => {
        response.setHeader('Access-Control-Allow-Origin', 'https://app.test');
        if (request.method === 'OPTIONS') response.writeHead(204).end();
        else next();
      };
      consumer.apply(allow).forRoutes('{*path}');
    }
  }

  it.each([
    ['the app', [], (app: INestApplication) => app.enableCors({ origin: 'https://app.test' })],
    ['a module', [CorsModule], () => undefined],
  ])('lets %s answer preflights', async (_, modules, prepare) => {
    const { url, close } = await startApp(
      adapter,
      {
        imports: [
          ...modules,
          PrivateStorageModule.forRoot({ storage: new MemoryStorage(), baseUrl: '/files' }),
        ],
      },
      prepare,
    );
    const { status, headers } = await fetch(`${url}/files/a.txt`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.test', 'access-control-request-method': 'GET' },
    });
    await close();
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.test']);
  });

  it('is spared when it has answered already', async () => {
    const storage = new MemoryStorage();
    await storage.put('a.txt', bytes(TEXT));
    class AnsweringGuard extends LoginGuard {
      override canActivate(context: ExecutionContext): boolean {
        const reply = context
          .switchToHttp()
          .getResponse<ServerResponse | { raw: ServerResponse }>();
        const response = 'raw' in reply ? reply.raw : reply;
        response.writeHead(503).end('too late');
        return super.canActivate(context);
      }
    }
    const { url, close } = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards: [AnsweringGuard] }),
      ],
    });
    const response = await fetch(`${url}/files/a.txt`, as('staff'));
    expect([response.status, await response.text()]).toEqual([503, 'too late']);
    await close();
  });
});
