import type { INestApplication, LoggerService } from '@nestjs/common';
import {
  AllowStaff,
  MemoryStorage,
  PrivateStorageModule,
  StorageFailedError,
  type OpenedFile,
  type OpenOptions,
  type ReadOptions,
} from 'nestjs-private-storage';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { startHttp2 } from './http2-app.js';
import { turn, until } from './open-files.js';
import { LoginGuard } from './users.js';

const SIZE = 256 * 1024 * 1024;

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Its files are large, without having the bytes; one of them ends too early, and one never comes. */
class LargeStorage extends MemoryStorage {
  given = 0;
  closed = 0;
  waiting = 0;
  lent = 0;

  protected override async openObject(key: string, options?: OpenOptions): Promise<OpenedFile> {
    if (key === 'never.bin') await this.abandoned(options);
    const { stat } = await super.openObject(key);
    return {
      stat: { ...stat, size: SIZE },
      read: (_start, _end, options) =>
        this.chunks(key === 'short.bin' ? 10 : SIZE / 65_536, options),
      close: async () => {
        this.closed++;
      },
    };
  }

  private async abandoned({ signal }: OpenOptions = {}): Promise<never> {
    this.waiting++;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    this.waiting--;
    throw new StorageFailedError('Nobody wants it.');
  }

  private async *chunks(count: number, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    if (options.reuse) this.lent++;
    for (let i = 0; i < count; i++) {
      this.given++;
      yield Buffer.alloc(65_536);
      await turn();
    }
  }
}

describe('downloads over HTTP/2', () => {
  let app: INestApplication;
  let client: ClientHttp2Session;
  let storage: LargeStorage;
  const said: unknown[] = [];
  const say = (message: unknown): void => void said.push(message);
  const logger: LoggerService = { log: () => undefined, warn: say, error: say };

  beforeEach(async () => {
    storage = new LargeStorage();
    const small = new MemoryStorage();
    await small.put('a.txt', bytes('0123456789'.repeat(100)));
    for (const key of ['large.bin', 'short.bin', 'never.bin']) await storage.put(key, bytes('x'));
    const guards = [LoginGuard, AllowStaff];
    const module = PrivateStorageModule.forRoot({
      storage,
      baseUrl: '/large',
      guards,
      storages: { small: { storage: small, baseUrl: '/small', guards } },
    });
    said.length = 0;
    const started = await startHttp2({ imports: [module] }, logger);
    app = started.app;
    client = connect(started.url);
  });

  afterEach(async () => {
    client.close();
    await app.close();
  });

  function ask(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    return client.request({ ':path': path, 'x-user': 'staff', ...headers });
  }

  async function answer(path: string, headers?: Record<string, string>): Promise<unknown[]> {
    const stream = ask(path, headers);
    let status: unknown;
    let length = 0;
    stream.on('response', (head) => (status = head[':status']));
    stream.on('data', (chunk: Buffer) => (length += chunk.length));
    stream.on('error', () => undefined); // its code is asked for
    await new Promise((resolve) => stream.once('close', resolve));
    return [status, length, stream.rstCode];
  }

  it.each([
    ['/small/a.txt', {}, 200, 1000],
    ['/small/a.txt', { range: 'bytes=0-9' }, 206, 10],
    ['/small/a.txt', { ':method': 'HEAD' }, 200, 0],
    ['/small/a.txt', { 'if-none-match': '*' }, 304, 0],
    ['/small/a.txt', { range: 'bytes=1000-' }, 416, 0],
  ])('answer %s with %j as ever', async (path, headers, status, length) => {
    expect(await answer(path, headers)).toEqual([status, length, constants.NGHTTP2_NO_ERROR]);
  });

  it('end with an error when the file ends too early', async () => {
    const [status, length, code] = await answer('/large/short.bin');
    expect([status, code]).toEqual([200, constants.NGHTTP2_INTERNAL_ERROR]);
    expect(length).toBeLessThan(SIZE);
  });

  it('free the file when the client leaves', async () => {
    const stream = ask('/large/large.bin');
    await new Promise((resolve) => stream.once('data', resolve));
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => storage.closed === 1);
    expect(storage.given).toBeLessThan(SIZE / 65_536);
  });

  it('keep the memory of their bytes: of a stream that is over some are still to be sent', async () => {
    await answer('/large/short.bin');
    expect(storage.lent).toBe(0);
  });

  it('are not begun, and nothing is logged, when the client leaves before there is a file', async () => {
    const stream = ask('/large/never.bin');
    await until(() => storage.waiting === 1);
    stream.close(constants.NGHTTP2_CANCEL);
    await until(() => storage.waiting === 0);
    expect(await answer('/small/a.txt')).toEqual([200, 1000, constants.NGHTTP2_NO_ERROR]);
    expect(said).toEqual([]);
  });
});
