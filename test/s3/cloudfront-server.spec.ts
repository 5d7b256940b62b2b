import { Controller } from '@nestjs/common';
import {
  ConfigurationError,
  MemoryStorage,
  ObjectDownloadController,
  PrivateFile,
  PrivateStorageModule,
  type StoredFile,
} from 'nestjs-private-storage';
import {
  CloudFrontServer,
  S3Storage,
  type CloudFrontServerOptions,
} from 'nestjs-private-storage/s3';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { ADAPTERS, startApp, type RunningApp } from '../e2e/app.js';
import { as, LoginGuard } from '../e2e/users.js';
import { AllowStaff } from '../../lib/access/built-in.guards.js';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { withClock } from './our-clock.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const OPTIONS: CloudFrontServerOptions = {
  url: 'https://files.example.com/media/',
  keyPairId: 'K2JCJMDEHXQW5F',
  privateKey,
};

class Dossier {
  @PrivateFile()
  file: StoredFile | null;
}

@Controller('dossiers/:id/file')
class DossierDownload extends ObjectDownloadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';

  protected findObject(): Dossier {
    const file: StoredFile = {
      storage: 'default',
      key: "a b/jö's*%41+.pdf",
      name: 'Jörg & "Söhne" (1!).pdf',
      size: 1,
      contentType: 'application/pdf',
      uploadedAt: new Date().toISOString(),
    };
    return Object.assign(new Dossier(), { file });
  }
}

/** What CloudFront does: it takes its own parameters off, and holds the signature against what is left. */
function openedByCloudFront(location: string): { url: URL; expires: number } {
  const [signed, own] = location.split(/[?&]Expires=/) as [string, string];
  const parameters = new URLSearchParams(`Expires=${own}`);
  const expires = Number(parameters.get('Expires'));
  const policy = JSON.stringify({
    Statement: [{ Resource: signed, Condition: { DateLessThan: { 'AWS:EpochTime': expires } } }],
  });
  const signature = String(parameters.get('Signature'))
    .replaceAll('-', '+')
    .replaceAll('_', '=')
    .replaceAll('~', '/');
  const verify = createVerify('RSA-SHA1').update(policy);
  expect(verify.verify(publicKey, signature, 'base64')).toBe(true);
  expect(parameters.get('Key-Pair-Id')).toBe(OPTIONS.keyPairId);
  return { url: new URL(signed), expires };
}

describeWith(...CEPH_PROGRAMS).each(ADAPTERS)('CloudFront on %s', (adapter) => {
  let ceph: Ceph;
  let app: RunningApp;

  beforeAll(async () => {
    ceph = await startCeph();
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
    const storage = new S3Storage({
      ...{ bucket: 'dossiers', createBucket: true, endpoint, region, forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
    app = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/private-media',
          guards: [LoginGuard, AllowStaff],
          server: new CloudFrontServer({ ...OPTIONS, expires: 60 }),
        }),
      ],
      controllers: [DossierDownload],
    });
    await storage.put(
      'there.html',
      (async function* () {
        yield Buffer.from('<p>');
      })(),
    );
  });
  afterAll(async () => {
    await app.close();
    await ceph.stop();
  });

  const get = (path: string, user: 'staff' | 'bob' = 'staff', method = 'GET'): Promise<Response> =>
    fetch(app.url + path, { ...as(user), method, redirect: 'manual' });

  it.each(['GET', 'HEAD'])(
    'sends a %s of an entity to a URL that CloudFront believes',
    async (method) => {
      const before = Math.floor(Date.now() / 1000);
      const response = await get('/dossiers/1/file', 'staff', method);
      expect(response.status).toBe(302);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.text()).toBe('');
      const location = String(response.headers.get('location'));
      expect(location.replace(/^[^?]+/, '')).not.toMatch(/[!'()*]/); // which no two signers encode alike
      const { url, expires } = openedByCloudFront(location);
      expect(url.origin).toBe('https://files.example.com');
      expect(decodeURIComponent(url.pathname)).toBe("/media/a b/jö's*%41+.pdf");
      expect(Object.fromEntries(url.searchParams)).toEqual({
        'response-content-type': 'application/pdf',
        'response-content-disposition': `attachment; filename="Jorg & _Sohne_ (1!).pdf"; filename*=UTF-8''J%C3%B6rg%20%26%20%22S%C3%B6hne%22%20%281!%29.pdf`,
      });
      expect(expires).toBeGreaterThanOrEqual(before + 60);
      expect(expires).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 60);
    },
  );

  it('sends a file that is known by its key, and never shows what could run', async () => {
    const { url } = openedByCloudFront(
      String((await get('/private-media/there.html')).headers.get('location')),
    );
    expect(url.searchParams.get('response-content-disposition')).toMatch(/^attachment/);
  });

  it('dates its URLs by the clock of S3, where ours is wrong', async () => {
    const response = await withClock(-600_000, () => get('/private-media/there.html'));
    const { expires } = openedByCloudFront(String(response.headers.get('location')));
    expect(expires).toBeGreaterThan(Date.now() / 1000);
  });

  it.each<[string, 'staff' | 'bob', number]>([
    ['/private-media/gone.txt', 'staff', 404],
    ['/private-media/there.html', 'bob', 403],
  ])('gives no URL of %s to %s: %i', async (path, user, status) => {
    const response = await get(path, user);
    expect(response.status).toBe(status);
    expect(response.headers.get('location')).toBeNull();
  });
});

describe('CloudFrontServer', () => {
  it.each<[Partial<Record<keyof CloudFrontServerOptions, unknown>>, string]>([
    [{ url: 'files.example.com' }, 'url is the URL of the distribution'],
    [{ url: 'https://x.example?a=b' }, 'url is the URL of the distribution'],
    [{ keyPairId: '' }, 'keyPairId is a non-empty string'],
    [{ privateKey: publicKey }, 'privateKey is a private key in PEM'],
    [{ privateKey: undefined }, 'privateKey is missing'],
    [{ expires: 0 }, 'expires is a number of seconds'],
    [{ expire: 60 } as object, 'unknown option "expire"'],
  ])('says what is wrong with %j', (wrong, sentence) => {
    const make = (): unknown =>
      new CloudFrontServer({ ...OPTIONS, ...wrong } as CloudFrontServerOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
  });

  it('serves S3 only', () => {
    const server = new CloudFrontServer(OPTIONS);
    expect(() => server.assertCanServe(new MemoryStorage(), 'default')).toThrow(
      'CloudFrontServer cannot serve the storage "default"',
    );
  });
});
