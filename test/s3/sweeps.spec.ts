import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { StorageDeniedError, StorageUnavailableError } from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { stage } from '../storage/bytes.js';
import { clientOf, optionsOf } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import { answer, refusal } from './fault-proxy.js';
import { faultyCeph } from './faulty-ceph.js';

const IN_AN_HOUR = new Date(Date.now() + 3_600_000);
const REFUSED_OBJECT =
  '<DeleteResult><Error><Key>.staging/a</Key><Code>AccessDenied</Code></Error></DeleteResult>';

describeWith(...CEPH_PROGRAMS)('a sweep', () => {
  const faulty = faultyCeph();
  let options: S3StorageOptions;
  let storage: S3Storage;
  let client: S3Client;

  beforeEach(async () => {
    options = { ...optionsOf(faulty.ceph), endpoint: faulty.proxy.url };
    storage = new S3Storage(options);
    client = clientOf(faulty.ceph);
    await storage.prepare();
  });
  afterEach(() => client.destroy());

  const begin = (Key: string) =>
    client.send(new CreateMultipartUploadCommand({ Bucket: options.bucket, Key }));

  const begun = async (): Promise<unknown[]> => {
    const command = new ListMultipartUploadsCommand({ Bucket: options.bucket });
    const { Uploads = [] } = await client.send(command);
    return Uploads.map(({ Key }) => Key);
  };

  it('removes what was staged where multipart uploads cannot be listed', async () => {
    const staged = await stage(storage, 'left');
    faulty.proxy.strike({ kind: 'refuse' }, Infinity, /^GET \S+[?&]uploads/);
    await expect(storage.sweep(IN_AN_HOUR)).rejects.toThrow(StorageUnavailableError);
    faulty.proxy.heal();
    await expect(storage.commit(staged, 'swept.txt')).rejects.toThrow('The staged file is gone');
  });

  it('goes on after an upload that cannot be given up, and says so', async () => {
    for (const key of ['a', 'b', 'c']) await begin(key);
    faulty.proxy.strike(refusal(403, 'AccessDenied'), Infinity, /^DELETE \S+\/a\?/);
    await expect(storage.sweep(IN_AN_HOUR)).rejects.toThrow(StorageDeniedError);
    expect(await begun()).toEqual(['a']);
  });

  it('goes on after an object that cannot be deleted, and says so', async () => {
    await client.send(
      new PutObjectCommand({ Bucket: options.bucket, Key: '.staging/a', Body: 'x' }),
    );
    await begin('b');
    faulty.proxy.strike(answer(200, REFUSED_OBJECT), Infinity, /^POST \S+\?delete/);
    await expect(storage.sweep(IN_AN_HOUR)).rejects.toThrow(StorageDeniedError);
    expect(await begun()).toEqual([]);
  });
});
