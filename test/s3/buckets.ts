import { S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import type { Ceph } from './ceph.js';

/** A bucket that nobody else has, made when the storage is prepared. */
export function optionsOf(ceph: Ceph): S3StorageOptions {
  const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
  return {
    bucket: `test-${randomUUID()}`,
    createBucket: true,
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    delivery: 'proxy',
  };
}

/** A storage in such a bucket. */
export async function preparedStorage(
  ceph: Ceph,
): Promise<{ storage: S3Storage; options: S3StorageOptions }> {
  const options = optionsOf(ceph);
  const storage = new S3Storage(options);
  await storage.prepare();
  return { storage, options };
}

/** A client of the tests' own, to look at what a storage has done. */
export function clientOf({ endpoint, region, accessKeyId, secretAccessKey }: Ceph): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({
    ...{ endpoint, region, credentials },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
