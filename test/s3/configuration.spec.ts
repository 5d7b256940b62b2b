import { S3Client } from '@aws-sdk/client-s3';
import { ConfigurationError, PrivateStorageModule } from 'nestjs-private-storage';
import {
  EncryptedS3Storage,
  minio,
  r2,
  S3Storage,
  type S3StorageOptions,
} from 'nestjs-private-storage/s3';
import { constants } from 'node:buffer';
import { startApp } from '../e2e/app.js';
import { freePort } from '../free-port.js';
import { describeWith } from '../programs.js';
import { put, readText } from '../storage/bytes.js';
import { clientOf, optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { startStub } from './stub-server.js';

const bucket = 'private-media';
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
const customerKey = Buffer.alloc(32);

describe('the options of an S3Storage', () => {
  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /S3Storage is an object with these options: bucket,/],
    ['no bucket', {}, /S3Storage needs a bucket: new S3Storage\(\{ bucket:/],
    ['an empty bucket', { bucket: '' }, /bucket is a non-empty string/],
    ['an unknown option', { bucket, acl: 'x' }, /unknown option "acl"; there are: bucket,/],
    ['a prefix with a slash', { bucket, prefix: 'media/' }, /prefix is a folder such as "media"/],
    ['a prefix with a dot', { bucket, prefix: '.media' }, /prefix is a folder/],
    ['a prefix that is too long', { bucket, prefix: 'x'.repeat(201) }, /prefix is a folder/],
    ['an endpoint that is no URL', { bucket, endpoint: 'localhost:9000' }, /endpoint is a URL/],
    ['half of the credentials', { bucket, credentials: { accessKeyId: 'x' } }, /credentials is \{/],
    ['a client that is none', { bucket, client: {} }, /client is an S3Client/],
    ['an unknown encryption', { bucket, encryption: 'AES' }, /encryption is 'AES256'/],
    ['a short key', { bucket, encryption: { customerKey: 'x' } }, /customerKey \} of 32 bytes/],
    ['a KMS key without id', { bucket, encryption: { kms: '' } }, /encryption is/],
    ['a delivery', { bucket, delivery: 'stream' }, /delivery is 'redirect' or 'proxy'/],
    ['8 days', { bucket, urlExpires: 8 * 86_400 }, /urlExpires is a whole number of seconds/],
    ['no time', { bucket, urlExpires: 0 }, /urlExpires is a whole number of seconds/],
    ['no patience', { bucket, timeout: 0 }, /timeout is a number of seconds above 0/],
    ['endless patience', { bucket, timeout: Infinity }, /timeout is .+ at most 2147483\./],
    ['small parts', { bucket, partSize: 1024 }, /partSize is a whole number of bytes/],
    ['parts for no buffer', { bucket, partSize: constants.MAX_LENGTH + 1 }, /partSize is a whole/],
    ['text for a switch', { bucket, createBucket: 'yes' }, /createBucket is true or false/],
    ['a list', { bucket, objectParameters: [] }, /objectParameters is an object/],
    ['a directory bucket', { bucket: 'a--use1-az4--x-s3' }, /directory bucket/],
    [
      'signed URLs of what only the app can read',
      { bucket, encryption: { customerKey } },
      /write delivery: 'proxy'/,
    ],
    ['two keys', { bucket, encryption: { kms: 'key', customerKey } }, /encryption is/],
    ['no key', { bucket, encryption: { kms: undefined, customerKey } }, /encryption is/],
    [
      'a region beside a client',
      { bucket, region: 'eu-central-1', client: new S3Client({ region: 'eu-central-1' }) },
      /region is for the client; leave out one of the two/,
    ],
  ])('are refused: %s', (_name, options, message) => {
    const create = (): S3Storage => new S3Storage(options as S3StorageOptions);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(message);
  });

  it('take undefined for left out', () => {
    const nothing = {
      prefix: undefined,
      urlExpires: undefined,
      delivery: undefined,
      timeout: undefined,
    };
    const { options } = new S3Storage({ bucket, region: 'eu-central-1', ...nothing }).place;
    expect(options).toMatchObject({
      prefix: '',
      urlExpires: 300,
      delivery: 'redirect',
      timeout: 30,
    });
    expect(r2({ accountId: 'abc', bucket, credentials, partSize: undefined }).partSize).toBe(
      16 * 1024 ** 2,
    );
    const refused = { bucket, delivery: undefined, encryption: { customerKey } };
    expect(() => new S3Storage(refused)).toThrow(/write delivery: 'proxy'/);
  });

  it('decide how files leave', () => {
    const storage = new S3Storage({ bucket, delivery: 'proxy', encryption: { customerKey } });
    expect(storage.delivery).toBe('stream');
    expect(storage.canSignUrls).toBe(false);
  });

  it('need encryption for an EncryptedS3Storage', () => {
    const options = { bucket } as ConstructorParameters<typeof EncryptedS3Storage>[0];
    expect(() => new EncryptedS3Storage(options)).toThrow(/EncryptedS3Storage needs encryption/);
    expect(new EncryptedS3Storage({ bucket, encryption: 'AES256' }).canSignUrls).toBe(true);
  });

  it('come ready for R2', () => {
    const options = r2({ accountId: 'abc', jurisdiction: 'eu', bucket, credentials });
    expect(options).toEqual({
      bucket,
      credentials,
      endpoint: 'https://abc.eu.r2.cloudflarestorage.com',
      region: 'auto',
      partSize: 16 * 1024 ** 2,
    });
    expect(() => new S3Storage(options)).not.toThrow();
  });
});

describe('preparing an S3Storage', () => {
  const storage = (options: Partial<S3StorageOptions>): S3Storage =>
    new S3Storage(minio({ endpoint: 'http://127.0.0.1', bucket, credentials, ...options }));

  it.each<[number, string, RegExp]>([
    [
      404,
      'NoSuchBucket',
      /there is no bucket "private-media" at .+; make it, or write createBucket/,
    ],
    [403, 'AccessDenied', /the credentials do not allow that the bucket "private-media" is listed/],
    [403, 'InvalidAccessKeyId', /does not know the credentials \(InvalidAccessKeyId\)/],
    [403, 'SignatureDoesNotMatch', /does not know the credentials/],
    [403, 'RequestTimeTooSkewed', /clocks/],
    [301, 'PermanentRedirect', /is in another region; write region: 'eu-west-1'/],
    [400, 'AuthorizationHeaderMalformed', /is in another region; write region: 'eu-west-1'/],
    [501, 'NotImplemented', /answered 501 NotImplemented when the bucket .+ was to be listed/],
  ])('says what is wrong: %d %s', async (status, code, message) => {
    const server = await startStub(status, code, { 'x-amz-bucket-region': 'eu-west-1' });
    const preparing = storage({ endpoint: server.url }).prepare();
    await expect(preparing).rejects.toThrow(ConfigurationError);
    await expect(preparing).rejects.toThrow(message);
    await server.stop();
  });

  it('says that nothing answers', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    await expect(storage({ endpoint }).prepare()).rejects.toThrow(
      /nothing answers at http:.+\(ECONNREFUSED\); is the endpoint right/,
    );
  });

  it('says that no region is known', async () => {
    const region = (): Promise<string> => Promise.reject(new Error('Region is missing'));
    const client = new S3Client({ credentials, region });
    await expect(new S3Storage({ bucket, client }).prepare()).rejects.toThrow(
      /the SDK finds no region; write region: 'eu-central-1'/,
    );
  });
});

describeWith(...CEPH_PROGRAMS)('preparing an S3Storage on Ceph', () => {
  let ceph: Ceph;

  beforeAll(async () => {
    ceph = await startCeph();
  });

  afterAll(() => ceph.stop());

  it('makes the bucket only where that is asked for', async () => {
    const options = optionsOf(ceph);
    const without = new S3Storage({ ...options, createBucket: false });
    await expect(without.prepare()).rejects.toThrow(/there is no bucket/);
    await new S3Storage(options).prepare();
    await without.prepare();
    expect(await without.list()).toEqual({ files: [] });
  });

  it.each([
    [
      'one in another',
      'media',
      'media/private',
      /^A storage has the root .+\/media\/private\/, inside/,
    ],
    [
      'one in the whole bucket',
      '',
      'media',
      /^A storage has the root .+\/media\/, inside another's/,
    ],
    ['two beside each other', 'media', 'media2', undefined],
    ['two of the same', 'media', 'media', undefined],
  ])(
    'refuses at start-up what a guard cannot hold apart: %s',
    async (_what, one, other, sentence) => {
      const options = optionsOf(ceph);
      const storage = (prefix: string) => new S3Storage({ ...options, prefix });
      const start = startApp('express', {
        imports: [
          PrivateStorageModule.forRoot({
            storage: storage(one),
            storages: { more: { storage: storage(other) } },
          }),
        ],
      });
      if (sentence) await expect(start).rejects.toThrow(sentence);
      else await (await start).close();
    },
  );

  it('makes it once, of many that start at the same time', async () => {
    const options = optionsOf(ceph);
    await Promise.all(Array.from({ length: 5 }, () => new S3Storage(options).prepare()));
  });

  it.each<[string, unknown]>([
    ['InvalidArgument', { storageClass: 'STANDARD-IA' }],
    ['InvalidArgument', { objectParameters: { ACL: 'nobody' } }],
    ['Invalid character in header', { objectParameters: { Metadata: { office: 'K\u0151' } } }],
  ])('refuses what no file could be stored with: %s for %j', async (sentence, wrong) => {
    const options = { ...optionsOf(ceph), ...(wrong as object) };
    const preparing = new S3Storage(options).prepare();
    await expect(preparing).rejects.toThrow(ConfigurationError);
    await expect(preparing).rejects.toThrow(/storageClass and objectParameters/);
    await expect(preparing).rejects.toThrow(sentence);
    const left = new S3Storage({ ...options, storageClass: undefined, objectParameters: {} });
    expect(await left.sweep(new Date(Date.now() + 3_600_000))).toBe(0);
  });

  it('tries out everything but locks, which nobody could take off again', async () => {
    const client = clientOf(ceph);
    const sent: Record<string, unknown>[] = [];
    client.middlewareStack.add((next) => (args) => {
      sent.push({ ...args.input });
      return next(args);
    });
    const { bucket: own } = optionsOf(ceph);
    const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date() } as const;
    const objectParameters = { CacheControl: 'private', ...lock };
    const storage = new S3Storage({ bucket: own, client, createBucket: true, objectParameters });
    await storage.prepare();
    expect(sent.filter(({ CacheControl }) => CacheControl === 'private')).toHaveLength(1);
    expect(sent.filter(({ ObjectLockMode }) => ObjectLockMode)).toEqual([]);
    await put(storage, 'file.txt', 'content');
    expect(sent.filter(({ ObjectLockMode }) => ObjectLockMode)).toHaveLength(1);
    client.destroy();
  });

  it('refuses wrong keys', async () => {
    const { endpoint, region } = ceph;
    const storage = new S3Storage({ ...optionsOf(ceph), endpoint, region, credentials });
    await expect(storage.prepare()).rejects.toThrow(/does not know the credentials/);
  });

  it('works with a client of the app', async () => {
    const { accessKeyId, secretAccessKey, endpoint, region } = ceph;
    const client = new S3Client({
      ...{ endpoint, region },
      credentials: async () => Promise.resolve({ accessKeyId, secretAccessKey }),
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const { bucket: own } = optionsOf(ceph);
    const storage = new S3Storage({ bucket: own, client, createBucket: true });
    await storage.prepare();
    expect(await readText(storage, await put(storage, 'file.txt', 'content'))).toBe('content');
  });
});
