import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { StorageUnavailableError } from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, readText, stage } from '../storage/bytes.js';
import { clientOf, preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import type { Fault } from './fault-proxy.js';
import { faultyCeph } from './faulty-ceph.js';

const COPY = /x-amz-copy-source/i;
const COMPLETE = /^POST \S+uploadId=/;
const RESERVE = /if-none-match/i;
const RELEASE = /^DELETE \S+name-/;
const LOST_ANSWER: Fault = { kind: 'reset', of: 'answer', after: 0 };

describeWith(...CEPH_PROGRAMS)('a commit to an S3 that has faults', () => {
  const s3 = faultyCeph();
  let options: S3StorageOptions;
  let storage: S3Storage;

  beforeAll(async () => {
    const prepared = await preparedStorage(s3.ceph);
    options = { ...prepared.options, endpoint: s3.proxy.url };
    storage = new S3Storage(options);
    await storage.prepare();
  });

  const objects = async (prefix: string): Promise<string[]> => {
    const command = new ListObjectsV2Command({ Bucket: options.bucket, Prefix: prefix });
    const { Contents = [] } = await clientOf(s3.ceph).send(command);
    return Contents.map(({ Key }) => String(Key));
  };

  it.each([false, true])(
    'is done when all answers to it are lost, overwrite: %s',
    async (overwrite) => {
      const staged = await stage(storage, 'mine');
      const key = `copied/${overwrite}.txt`;
      s3.proxy.strike(LOST_ANSWER, Infinity, COPY);
      expect(await storage.commit(staged, key, { overwrite })).toBe(key);
      expect(await readText(storage, key)).toBe('mine');
      expect(await objects('.staging/')).toEqual([]);
    },
  );

  it('is done when the parts were put together, and the answer lost', async () => {
    const own = new S3Storage({ ...options, encryption: { kms: s3.ceph.kmsKeyId } });
    await own.prepare();
    const staged = await stage(own, 'mine');
    s3.proxy.strike(LOST_ANSWER, Infinity, COMPLETE);
    expect(await own.commit(staged, 'parts.txt')).toBe('parts.txt');
    expect(await readText(own, 'parts.txt')).toBe('mine');
    expect(await objects('.staging/')).toEqual([]);
  });

  it('leaves the name reserved when the copy was not made yet', async () => {
    const staged = await stage(storage, 'mine');
    s3.proxy.strike({ kind: 'reset', of: 'request', after: 20 }, Infinity, COPY);
    await expect(storage.commit(staged, 'undecided.txt')).rejects.toThrow(StorageUnavailableError);
    s3.proxy.heal();
    expect(await storage.commit(staged, 'undecided.txt')).toMatch(/^undecided_.+\.txt$/);
    expect(await objects('.staging/')).toEqual([reservationOf('undecided.txt')]);
    await storage.sweep(new Date(Date.now() + 3_600_000));
  });

  it('knows its own reservation again when the answer to it was lost', async () => {
    s3.proxy.strike(LOST_ANSWER, 1, RESERVE);
    expect(await put(storage, 'reserved.txt', 'mine')).toBe('reserved.txt');
    expect(await objects('.staging/')).toEqual([]);
  });

  it('leaves the reservation that another makes after it', async () => {
    const Key = reservationOf('released.txt');
    const reserve = new PutObjectCommand({ Bucket: options.bucket, Key, Body: 'x' });
    s3.proxy.strike(
      { ...LOST_ANSWER, meanwhile: () => clientOf(s3.ceph).send(reserve) },
      1,
      RELEASE,
    );
    expect(await put(storage, 'released.txt', 'mine')).toBe('released.txt');
    expect(await objects('.staging/')).toEqual([Key]);
    await storage.sweep(new Date(Date.now() + 3_600_000));
  });
});

function reservationOf(key: string): string {
  return `.staging/name-${createHash('sha256').update(key).digest('base64url')}`;
}
