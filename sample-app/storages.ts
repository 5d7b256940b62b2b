import { LocalStorage, type FileStorage } from 'nestjs-private-storage';
import { join } from 'node:path';
import { settings } from './settings.js';

/** A storage that keeps its files below `name`: a folder, or with `STORAGE=s3` the prefix of a bucket. */
export const storageOf = settings.storage === 's3' ? await inS3() : onDisk;

function onDisk(name: string): FileStorage {
  return new LocalStorage({ root: join(settings.folder, name) });
}

/** Only who has files there loads the AWS SDK. */
async function inS3(): Promise<(name: string) => FileStorage> {
  const { S3Storage } = await import('nestjs-private-storage/s3');
  const { endpoint, region, bucket, accessKeyId, secretAccessKey, delivery } = settings.s3;
  return (name) =>
    new S3Storage({
      bucket,
      prefix: name,
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(accessKeyId === '' ? {} : { credentials: { accessKeyId, secretAccessKey } }),
      createBucket: true,
      delivery,
    });
}
