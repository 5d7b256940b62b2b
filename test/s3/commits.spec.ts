import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { ConfigurationError, StagedFileGoneError } from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, read, readText, stage } from '../storage/bytes.js';
import { S3Copies } from '../../lib/s3/s3-copies.js';
import { S3Requests } from '../../lib/s3/s3-requests.js';
import { clientOf, preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

const AT_ONCE = 50;
const MIB = 1024 ** 2;

describeWith(...CEPH_PROGRAMS)('commits to S3', () => {
  let ceph: Ceph;
  let options: S3StorageOptions;
  let storage: S3Storage;

  beforeAll(async () => {
    ceph = await startCeph();
    ({ storage, options } = await preparedStorage(ceph));
  });

  afterAll(() => ceph.stop());

  const objects = async (prefix = ''): Promise<string[]> => {
    const command = new ListObjectsV2Command({ Bucket: options.bucket, Prefix: prefix });
    const { Contents = [] } = await clientOf(ceph).send(command);
    return Contents.map(({ Key }) => String(Key));
  };

  it(`gives ${AT_ONCE} files that want one key from several processes a key each`, async () => {
    const storages = [storage, new S3Storage(options), new S3Storage(options)];
    const contents = Array.from({ length: AT_ONCE }, (_, i) => `content ${i}`);
    const of = (i: number): S3Storage => storages[i % storages.length]!;
    const staged = await Promise.all(contents.map((content, i) => stage(of(i), content)));
    const keys = await Promise.all(staged.map((one, i) => of(i).commit(one, 'race/file.txt')));
    expect(new Set(keys).size).toBe(AT_ONCE);
    const found = await Promise.all(keys.map((key) => readText(storage, key)));
    expect(found).toEqual(contents);
    expect(await objects('.staging/')).toEqual([]);
  });

  it('never replaces a file by another that is committed at the same time, many times over', async () => {
    for (let round = 0; round < 10; round++) {
      const key = `rounds/${round}.txt`;
      const found = await Promise.all(
        Array.from({ length: 5 }, async (_, i) => {
          const own = await put(new S3Storage(options), key, `content ${i}`);
          return (await readText(storage, own)) === `content ${i}`;
        }),
      );
      expect(found).toEqual(Array(5).fill(true));
    }
  });

  it('takes a name that another process has reserved for taken, until that is swept', async () => {
    const name = createHash('sha256').update('reserved.txt').digest('base64url');
    const reservation = { Bucket: options.bucket, Key: `.staging/name-${name}`, Body: 'x' };
    await clientOf(ceph).send(new PutObjectCommand(reservation));
    expect(await put(storage, 'reserved.txt', 'first')).toMatch(/^reserved_.+\.txt$/);
    expect(await storage.sweep(new Date(Date.now() + 3_600_000))).toBe(1);
    expect(await put(storage, 'reserved.txt', 'second')).toBe('reserved.txt');
  });

  it('gives a file beside one whose name is as long as S3 takes it', async () => {
    const own = new S3Storage({ ...options, prefix: 'p'.repeat(100) });
    const folder = Array.from({ length: 3 }, () => 'd'.repeat(255)).join('/');
    const key = `${folder}/${'f'.repeat(151)}.txt`;
    expect(own.place.nameOf(key)).toHaveLength(1024);
    expect(await put(own, key, 'first')).toBe(key);
    const other = await put(own, key, 'second');
    expect(other).toMatch(/f{142}_[\w-]{8}\.txt$/);
    expect(await readText(own, other)).toBe('second');
  });

  const customerKeys = [randomBytes(32), randomBytes(32)];
  it.each<[string, S3StorageOptions['encryption'], S3StorageOptions['encryption']]>([
    ['none, and a key of the app', undefined, { customerKey: customerKeys[0]! }],
    ['a key of the app, and none', { customerKey: customerKeys[0]! }, undefined],
    ['two keys', { customerKey: customerKeys[0]! }, { customerKey: customerKeys[1]! }],
  ])('takes a name for taken that was encrypted otherwise: %s', async (name, first, second) => {
    const storageWith = (encryption: S3StorageOptions['encryption']): S3Storage =>
      new S3Storage({ ...options, encryption });
    const key = `mixed/${name}.txt`;
    expect(await put(storageWith(first), key, 'first')).toBe(key);
    const other = await put(storageWith(second), key, 'second');
    expect(other).not.toBe(key);
    expect(await readText(storageWith(second), other)).toBe('second');
    expect(await readText(storageWith(first), key)).toBe('first');
  });

  it('commits one staged file once, of two that try at once', async () => {
    const staged = await stage(storage, 'once');
    const results = await Promise.allSettled([
      storage.commit(staged, 'once/a.txt'),
      storage.commit(staged, 'once/a.txt'),
    ]);
    const keys = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(keys.length).toBeGreaterThanOrEqual(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StagedFileGoneError);
    }
    expect(await readText(storage, keys[0]!)).toBe('once');
  });

  it('stores the type that the name stands for, the storage class and the parameters', async () => {
    const own = new S3Storage({
      ...options,
      storageClass: 'STANDARD',
      objectParameters: { CacheControl: 'private', Metadata: { department: 'sales' } },
    });
    const key = await put(own, 'Heizöl (1).pdf', '%PDF-');
    const command = new HeadObjectCommand({ Bucket: options.bucket, Key: key });
    const head = await clientOf(ceph).send(command);
    expect(head).toMatchObject({
      ContentType: 'application/pdf',
      CacheControl: 'private',
      Metadata: { department: 'sales' },
    });
  });

  it('copies in parts what the server does not copy at once, byte for byte', async () => {
    const content = randomBytes(12 * MIB + 5);
    const key = await put(storage, 'parts/large.bin', content);
    const copies = new S3Copies(storage.place, new S3Requests(storage.place), 5 * MIB);
    await copies.copyInParts({ from: key, to: 'parts/copy.bin' });
    expect((await read(storage, 'parts/copy.bin')).equals(content)).toBe(true);
  });

  it('copies and moves files, never over another', async () => {
    await put(storage, 'from.txt', 'content');
    expect(await storage.copy('from.txt', 'to.txt')).toBe('to.txt');
    const beside = await storage.copy('from.txt', 'to.txt');
    expect(beside).toMatch(/^to_.+\.txt$/);
    expect(await storage.move('from.txt', 'moved.txt')).toBe('moved.txt');
    expect(await storage.exists('from.txt')).toBe(false);
    expect(await readText(storage, 'moved.txt')).toBe('content');
    expect(await storage.move('moved.txt', 'moved.txt', { overwrite: true })).toBe('moved.txt');
    expect(await readText(storage, 'moved.txt')).toBe('content');
  });

  it('lists files page by page, in order, and not what is staged', async () => {
    const own = new S3Storage({ ...options, prefix: 'lists' });
    const keys = Array.from({ length: 7 }, (_, i) => `folder/${i}.txt`);
    await Promise.all(keys.map((key) => put(own, key, key)));
    await put(own, 'elsewhere.txt', 'x');
    const staged = await stage(own, 'staged');
    const found: string[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await own.list('folder/', { after, limit: 3 });
      found.push(...page.files.map(({ key }) => key));
      after = page.after;
    }
    expect(found).toEqual(keys);
    const all = await own.list();
    expect(all.files.map(({ key }) => key)).toEqual(['elsewhere.txt', ...keys]);
    expect(all.files[1]).toMatchObject({ size: 12, lastModified: expect.any(Date) as Date });
    await own.discard(staged);
  });

  it.each([0, -1, 1.5, NaN, 1_001])('lists no pages of %p files', async (limit) => {
    await expect(storage.list('', { limit })).rejects.toThrow(ConfigurationError);
  });

  it('takes no single key for many of one letter each', async () => {
    await put(storage, 'a', 'content');
    await expect(storage.deleteMany('ab')).rejects.toThrow(ConfigurationError);
    expect(await storage.exists('a')).toBe(true);
  });

  it('lists nothing that others have put there under names that are no keys', async () => {
    const own = new S3Storage({ ...options, prefix: 'foreign' });
    await put(own, 'a/b.txt', 'x');
    const foreign = ['a\\b.txt', 'a//b.txt', 'a/\t.txt', `${'x'.repeat(256)}.txt`, '.env', 'a/'];
    const client = clientOf(ceph);
    for (const name of foreign)
      await client.send(
        new PutObjectCommand({ Bucket: options.bucket, Key: `foreign/${name}`, Body: 'x' }),
      );
    const { files } = await own.list();
    expect(files.map(({ key }) => key)).toEqual(['a/b.txt']);
  });

  it('deletes many files at once, more than go into one request', async () => {
    const keys = Array.from({ length: 3 }, (_, i) => `many/${i}.txt`);
    await Promise.all(keys.map((key) => put(storage, key, key)));
    const missing = Array.from({ length: 1_200 }, (_, i) => `many/missing ${i} & co.txt`);
    await storage.deleteMany([...keys.slice(1), ...missing]);
    expect(await objects('many/')).toEqual(['many/0.txt']);
  });

  it.each(['\uFFFE', '\uFFFF'])('deletes a file whose key XML cannot carry: %j', async (letter) => {
    const keys = [`odd/${letter}.txt`, 'odd/plain.txt'];
    await Promise.all(keys.map((key) => put(storage, key, key)));
    await storage.deleteMany(keys);
    expect(await Promise.all(keys.map((key) => storage.exists(key)))).toEqual([false, false]);
  });
});
