import { S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import type { S3StorageOptions } from 'nestjs-private-storage/s3';
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

/** A client of the tests' own, to look at what a storage has done. */
export function clientOf({ endpoint, region, accessKeyId, secretAccessKey }: Ceph): S3Client {
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({
    ...{ endpoint, region, credentials },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
