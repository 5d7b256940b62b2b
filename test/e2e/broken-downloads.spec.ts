import {
  Catch,
  Injectable,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, BaseExceptionFilter } from '@nestjs/core';
import {
  AllowStaff,
  LocalStorage,
  MemoryStorage,
  PrivateStorageModule,
  type OpenedFile,
} from 'nestjs-private-storage';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalize, type Observable } from 'rxjs';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { openFiles, turn, until } from './open-files.js';
import { everything, head, openSocket, parseAnswer } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const SIZE = 32 * 1024 * 1024;
const OLD = randomBytes(SIZE);

/** What reaches the app: requests in, requests out with the state of their answer, exceptions. */
class Log {
  running = 0;
  hasLeft = false;
  answers: string[] = [];
  response?: ServerResponse;
  exceptions: unknown[] = [];
}
let log = new Log();

@Injectable()
class LoggingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<ServerResponse | { raw: ServerResponse }>();
    const response = 'raw' in reply ? reply.raw : reply;
    log.running++;
    log.response ??= response;
    response.once('close', () => (log.hasLeft = true));
    return next.handle().pipe(
      finalize(() => {
        log.running--;
        log.answers.push(
          response.writableFinished ? 'finished' : response.destroyed ? 'broken' : 'unfinished',
        );
      }),
    );
  }
}

@Catch()
class LoggingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): void {
    log.exceptions.push(exception);
    super.catch(exception, host);
  }
}

/** Holds whoever asks with `x-wait` until the test lets go. */
class SlowGuard implements CanActivate {
  static letGo: () => void;

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (headers['x-wait']) await new Promise<void>((resolve) => (SlowGuard.letGo = resolve));
    return true;
  }
}

/** Its files are not what they say. */
class LyingStorage extends MemoryStorage {
  constructor(private readonly read: (whole: Buffer) => AsyncIterable<Uint8Array>) {
    super();
  }

  protected override async openObject(key: string): Promise<OpenedFile> {
    const opened = await super.openObject(key);
    const whole = Buffer.from(OLD.subarray(0, opened.stat.size));
    return {
      stat: opened.stat,
      read: () => this.read(whole),
      close: () => Promise.reject(new Error('close failed')),
    };
  }
}

const LIARS: Record<string, (whole: Buffer) => AsyncGenerator<Uint8Array>> = {
  short: async function* (whole) {
    yield whole.subarray(0, -1);
  },
  long: async function* (whole) {
    yield Buffer.concat([whole, Buffer.from('x')]);
  },
  longer: async function* (whole) {
    yield whole.subarray(0, 10);
    yield Buffer.concat([whole.subarray(10), Buffer.from('x')]);
  },
  throwing: async function* (whole) {
    yield whole.subarray(0, 10);
    throw new Error('disk on fire');
  },
};

describe.each(ADAPTERS)('on %s', (adapter) => {
  let running: RunningApp;
  let root: string;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'broken-'));
    const liars: Record<
      string,
      { storage: LyingStorage; baseUrl: string; guards: (typeof LoginGuard)[] }
    > = {};
    for (const [name, read] of Object.entries(LIARS)) {
      const storage = new LyingStorage(read);
      await storage.put('a.bin', oneChunk(Buffer.alloc(1000)));
      liars[name] = { storage, baseUrl: `/${name}`, guards: [LoginGuard] };
    }
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage: new LocalStorage({ root }),
          baseUrl: '/private-media',
          guards: [LoginGuard, SlowGuard, AllowStaff],
          storages: liars,
        }),
      ],
      providers: [
        { provide: APP_INTERCEPTOR, useClass: LoggingInterceptor },
        { provide: APP_FILTER, useClass: LoggingFilter },
      ],
    });
  });

  beforeEach(async () => {
    log = new Log();
    await writeFile(join(root, 'new.bin'), OLD);
    await rename(join(root, 'new.bin'), join(root, 'a.bin')); // another file than the last test's
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await until(() => log.running === 0 && openFiles(root) === 0);
  });

  afterAll(async () => {
    await running.close();
    await rm(root, { recursive: true });
  });

  /** A client that has asked, and reads nothing until it is told to. */
  async function ask(...requests: string[]): Promise<Socket> {
    const socket = await openSocket(running.url);
    sockets.push(socket);
    socket.pause();
    socket.write(requests.join(''));
    return socket;
  }
  const user = as('staff').headers;
  const aBin = head('GET', '/private-media/a.bin', user);
  const lastABin = head('GET', '/private-media/a.bin', { ...user, Connection: 'close' });

  async function untilSending(files = 1): Promise<void> {
    await until(() => openFiles(root) === files);
    for (let i = 0; i < 200; i++) await turn(); // until the socket takes no more
  }

  it('frees the file when the client leaves', async () => {
    const socket = await ask(aBin);
    await untilSending();
    socket.destroy();
    await until(() => openFiles(root) === 0 && log.running === 0);
    expect(log).toMatchObject({ running: 0, answers: ['broken'], exceptions: [] });
  });

  it('breaks off when somebody else ends the answer, as a timeout() of RxJS makes Nest do', async () => {
    const socket = await ask(aBin, aBin);
    await until(() => log.running === 2);
    await untilSending();
    log.response?.end();
    const { body } = parseAnswer(await everything(socket.resume()));
    expect(OLD.subarray(0, body.length).equals(body)).toBe(true);
    await until(() => log.running === 0);
    expect(openFiles(root)).toBe(0);
  });

  it('frees all files when a client leaves that has asked for many in one go', async () => {
    const socket = await ask(aBin.repeat(20));
    await until(() => log.running === 20);
    await untilSending();
    socket.destroy();
    await until(() => log.running === 0);
    expect(openFiles(root)).toBe(0);
    expect(log.exceptions).toEqual([]);
  });

  it.each(['GET', 'HEAD'])(
    'does nothing for a client that has left before a %s is answered',
    async (method) => {
      const socket = await ask(head(method, '/private-media/a.bin', { ...user, 'x-wait': '1' }));
      await until(() => log.running === 1);
      socket.destroy();
      await until(() => log.hasLeft);
      SlowGuard.letGo();
      await until(() => log.running === 0);
      expect(openFiles(root)).toBe(0);
      expect(log.exceptions).toEqual([]);
    },
  );

  it('opens a file only when its answer can be sent', async () => {
    await ask(aBin.repeat(5));
    await until(() => log.running === 5);
    await untilSending();
    expect(openFiles(root)).toBe(1);
  });

  it('reads no faster than the client', async () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 8; i++) await ask(aBin);
    await untilSending(8);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(SIZE);
  });

  it('breaks off when the file becomes shorter', async () => {
    const socket = await ask(aBin);
    await untilSending();
    await truncate(join(root, 'a.bin'), SIZE / 2);
    const answer = parseAnswer(await everything(socket.resume()));
    expect(answer.headers).toContainEqual(
      expect.stringMatching(new RegExp(`^content-length: ${SIZE}$`, 'i')),
    );
    expect(answer.body.length).toBeLessThan(SIZE);
    await until(() => log.running === 0);
    expect(log).toMatchObject({ running: 0, answers: ['broken'], exceptions: [] });
  });

  it.each([
    ['grows', () => appendFile(join(root, 'a.bin'), 'more')],
    [
      'is replaced',
      async () => {
        await writeFile(join(root, 'b.bin'), randomBytes(SIZE));
        await rename(join(root, 'b.bin'), join(root, 'a.bin'));
      },
    ],
    ['is deleted', () => rm(join(root, 'a.bin'))],
  ])('sends the old file whole when it %s', async (_, change) => {
    const socket = await ask(lastABin);
    await untilSending();
    await change();
    const { status, body } = parseAnswer(await everything(socket.resume()));
    expect([status, body.length, body.equals(OLD)]).toEqual([200, SIZE, true]);
    await until(() => log.running === 0);
    expect(log.answers).toEqual(['finished']);
  });

  it.each(Object.keys(LIARS))('breaks off when what a storage sends is %s', async (name) => {
    const socket = await ask(head('GET', `/${name}/a.bin`, user), lastABin);
    const { body } = parseAnswer(await everything(socket.resume()));
    expect(body.length).toBeLessThan(1000);
    await until(() => log.running === 0);
    expect(log.exceptions).toEqual([]);
  });

  it.each([
    ['GET', {}],
    ['HEAD', {}],
    ['GET', { 'If-None-Match': '*' }],
    ['GET', { Range: 'bytes=0-9' }],
    ['GET', { Range: `bytes=${SIZE}-` }],
  ])('lets interceptors see the end of %s %j when it has left', async (method, headers) => {
    const asked = { ...user, ...headers, Connection: 'close' };
    const request = head(method, '/private-media/a.bin', asked);
    await everything((await ask(request)).resume());
    await until(() => log.running === 0);
    expect(log).toMatchObject({ running: 0, answers: ['finished'], exceptions: [] });
  });

  it('serves 500 downloads at once, half of them abandoned', async () => {
    await truncate(join(root, 'a.bin'), 256 * 1024);
    const whole = OLD.subarray(0, 256 * 1024);
    const bodies = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => {
        const socket = await ask(lastABin);
        if (i % 2 === 0) return parseAnswer(await everything(socket.resume())).body;
        await new Promise((resolve) => socket.once('readable', resolve));
        socket.destroy();
        return undefined;
      }),
    );
    expect(bodies.filter((body) => body?.equals(whole))).toHaveLength(250);
    await until(() => log.running === 0);
    expect(openFiles(root)).toBe(0);
    expect(log.exceptions).toEqual([]);
  });
});

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
