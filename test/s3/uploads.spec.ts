import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { read, stage } from '../storage/bytes.js';
import { partSizeAfter } from '../../lib/s3/upload-parts.js';
import { clientOf, preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

const MIB = 1024 ** 2;
const HOUR_MS = 60 * 60 * 1000;

it('has parts that are large enough for 5 TiB in 10,000, and small for files of usual size', () => {
  let sent = 0;
  for (let part = 1; part <= 10_000; part++) {
    const size = partSizeAfter(sent);
    expect(size).toBeLessThanOrEqual(5 * 1024 * MIB);
    if (sent < 6 * 1024 * MIB) expect(size).toBe(5 * MIB);
    sent += size;
  }
  expect(sent).toBeGreaterThan(5 * 1024 ** 2 * MIB);
  expect(partSizeAfter(sent, 8 * MIB)).toBe(8 * MIB);
});

describeWith(...CEPH_PROGRAMS)('uploads to S3', () => {
  let ceph: Ceph;
  let options: S3StorageOptions;
  let storage: S3Storage;

  beforeAll(async () => {
    ceph = await startCeph();
    ({ storage, options } = await preparedStorage(ceph));
  });

  afterAll(() => ceph.stop());

  const left = async (): Promise<{ objects: number; uploads: number }> => {
    const client = clientOf(ceph);
    const Bucket = options.bucket;
    const { KeyCount = 0 } = await client.send(new ListObjectsV2Command({ Bucket }));
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    return { objects: KeyCount, uploads: Uploads.length };
  };

  it.each([
    ['just less than a part', 5 * MIB - 1],
    ['a part', 5 * MIB],
    ['just more than a part', 5 * MIB + 1],
    ['three parts and a little', 15 * MIB + 77],
  ])('takes %s, in pieces of any size', async (_name, size) => {
    const content = randomBytes(size);
    async function* source(): AsyncGenerator<Uint8Array> {
      for (
        let start = 0, length = 1;
        start < size;
        start += length, length = (length * 7) % 99_991
      ) {
        yield content.subarray(start, start + length);
      }
    }
    const staged = await storage.stage(source());
    expect(staged.size).toBe(size);
    const key = await storage.commit(staged, 'large.bin');
    expect((await read(storage, key)).equals(content)).toBe(true);
    await storage.delete(key);
    expect(await left()).toEqual({ objects: 0, uploads: 0 });
  });

  it.each([0.5, 5, 7, 21])(
    'leaves no object and no multipart upload when the source fails after %d MiB',
    async (mib) => {
      const failure = new Error('The client went away.');
      async function* source(): AsyncGenerator<Uint8Array> {
        for (let sent = 0; sent < mib; sent += 0.5) yield randomBytes(MIB / 2);
        throw failure;
      }
      await expect(storage.stage(source())).rejects.toBe(failure);
      expect(await left()).toEqual({ objects: 0, uploads: 0 });
    },
  );

  it('sweeps what was staged and multipart uploads that were begun before, and leaves younger ones', async () => {
    await stage(storage, 'never claimed');
    const abandoned = new CreateMultipartUploadCommand({
      Bucket: options.bucket,
      Key: '.staging/0123456789abcdef0123456789abcdef',
    });
    await clientOf(ceph).send(abandoned);
    expect(await storage.sweep(new Date(Date.now() - HOUR_MS))).toBe(0);
    expect(await left()).toEqual({ objects: 1, uploads: 1 });
    expect(await storage.sweep(new Date(Date.now() + HOUR_MS))).toBe(2);
    expect(await left()).toEqual({ objects: 0, uploads: 0 });
  });

  it('sweeps its own prefix only', async () => {
    const other = new S3Storage({ ...options, prefix: 'other' });
    const staged = await stage(other, 'of another storage');
    await new S3Storage({ ...options, prefix: 'own' }).sweep(new Date(Date.now() + HOUR_MS));
    const key = await other.commit(staged, 'kept.txt');
    await other.delete(key);
  });

  it('keeps bytes as they are, which their hash says', async () => {
    const content = randomBytes(11 * MIB);
    const key = await storage.commit(await stage(storage, content), 'hash.bin');
    const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    expect(hash(await read(storage, key))).toBe(hash(content));
    await storage.delete(key);
  });
});
