import { Controller } from '@nestjs/common';
import {
  MemoryStorage,
  NginxServer,
  ObjectDownloadController,
  PrivateFile,
  PrivateStorageModule,
  type FileStat,
  type SignedUrlHeaders,
  type StoredFile,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { rawRequest } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const HOST = 'https://bucket.store.test:8443';
/** Each of these is something else after it was decoded and encoded again. */
const SIGNATURE = "?X-Credential=AKIA%2F20261123%2Feu&Name='%20+~*()&X-Signature=a%2Bb%2F%3d//=";

/** Signs as S3 does, and counts what it is asked. */
class SigningStorage extends MemoryStorage {
  override readonly canSignUrls = true;
  readonly signed: [string, SignedUrlHeaders][] = [];
  stats = 0;

  constructor(override readonly delivery: 'stream' | 'redirect' = 'stream') {
    super();
  }

  protected override statObject(key: string): Promise<FileStat> {
    this.stats++;
    return super.statObject(key);
  }

  protected override signObjectUrl(key: string, headers: SignedUrlHeaders): Promise<string> {
    this.signed.push([key, headers]);
    return Promise.resolve(`${HOST}/${encodeURIComponent(key)}${SIGNATURE}`);
  }
}

class Photo {
  @PrivateFile()
  file: StoredFile = {
    storage: 'default',
    key: 'gone.txt',
    name: 'holiday.txt',
    size: 1,
    contentType: 'text/plain',
    uploadedAt: '2026-07-01T12:00:00Z',
  };
}

@Controller('photo')
class PhotoDownload extends ObjectDownloadController<Photo> {
  protected entity = Photo;
  protected field = 'file' as const;

  protected findObject(): Photo {
    return new Photo();
  }
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const DISPOSITION = `inline; filename="100_ a.txt"; filename*=UTF-8''100%25%20a.txt`;

describe.each(ADAPTERS)('a storage that signs URLs on %s', (adapter) => {
  let storage: SigningStorage;
  let running: RunningApp;

  const start = async (delivery?: 'redirect', server?: NginxServer): Promise<void> => {
    storage = new SigningStorage(delivery);
    await storage.put('100% a.txt', bytes('0123'));
    storage.stats = 0;
    running = await startApp(adapter, {
      controllers: [PhotoDownload],
      imports: [
        PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards: [LoginGuard], server }),
      ],
    });
  };
  const get = (path: string, user = 'root', init: RequestInit = {}): Promise<Response> =>
    fetch(running.url + path, { redirect: 'manual', ...init, ...as(user) });

  afterEach(() => running.close());

  describe('that redirects', () => {
    beforeEach(() => start('redirect'));

    it.each(['GET', 'HEAD'])('answers %s with the URL, and no cache keeps it', async (method) => {
      const response = await get('/files/100%25%20a.txt', 'root', { method });
      expect([response.status, await response.text()]).toEqual([302, '']);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        location: `${HOST}/100%25%20a.txt${SIGNATURE}`,
        'cache-control': 'no-store',
        'content-length': '0',
      });
      expect(storage.signed).toEqual([
        [
          '100% a.txt',
          { contentType: 'text/plain; charset=utf-8', contentDisposition: DISPOSITION },
        ],
      ]);
      expect(storage.stats).toBe(1);
    });

    it.each([
      ['alice', '/files/missing.txt', 404],
      ['nobody', '/files/100%25%20a.txt', 401],
      ['nobody', '/files/missing.txt', 401],
    ])('signs nothing for %s asking for %s: %i', async (user, path, status) => {
      const response = await get(path, user);
      expect([response.status, response.headers.get('location')]).toEqual([status, null]);
      expect(storage.signed).toEqual([]);
    });

    it('does not ask the storage about a file that an entity names', async () => {
      const response = await get('/photo');
      expect(response.status).toBe(302);
      expect(storage.stats).toBe(0);
      expect(storage.signed[0]?.[1].contentDisposition).toBe('inline; filename="holiday.txt"');
    });
  });

  it('streams where neither it nor the app says otherwise', async () => {
    await start();
    const response = await get('/files/100%25%20a.txt');
    expect([response.status, await response.text()]).toEqual([200, '0123']);
  });

  it('lets nginx fetch it, with path and query as they were signed', async () => {
    await start('redirect', new NginxServer());
    const answer = await rawRequest(
      running.url,
      'GET',
      '/files/100%25%20a.txt',
      as('root').headers,
    );
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(answer.headers.filter((line) => line.startsWith('X-Accel'))).toEqual([
      `X-Accel-Redirect: /private-x-accel-redirect/default/?/100%25%20a.txt${SIGNATURE}`,
    ]);
    expect(answer.headers.join()).not.toContain('store.test');
    const missing = await get('/files/missing.txt');
    expect([missing.status, missing.headers.get('x-accel-redirect')]).toEqual([404, null]);
    const head = await get('/files/100%25%20a.txt', 'root', { method: 'HEAD' });
    expect([head.headers.get('content-length'), head.headers.get('x-accel-redirect')]).toEqual([
      '4',
      null,
    ]);
  });
});
