import { randomBytes } from 'node:crypto';
import { lintStorage, storagePromises } from 'nestjs-private-storage/testing';
import { EncryptedS3Storage, S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { optionsOf } from './buckets.js';

const customerKey = randomBytes(32);

const storages: [string, (ceph: Ceph) => S3Storage][] = [
  ['S3Storage', (ceph) => new S3Storage(optionsOf(ceph))],
  ['with a prefix', (ceph) => new S3Storage({ ...optionsOf(ceph), prefix: 'media/private' })],
  ['with AES256', (ceph) => encrypted(ceph, 'AES256')],
  ['with a key of KMS', (ceph) => encrypted(ceph, { kms: ceph.kmsKeyId })],
  ['with a key of the app', (ceph) => encrypted(ceph, { customerKey })],
];

function encrypted(ceph: Ceph, encryption: NonNullable<S3StorageOptions['encryption']>): S3Storage {
  return new EncryptedS3Storage({ ...optionsOf(ceph), encryption });
}

describeWith(...CEPH_PROGRAMS)('S3Storage on Ceph', () => {
  let ceph: Ceph;

  beforeAll(async () => {
    ceph = await startCeph();
  });

  afterAll(() => ceph.stop());

  describe.each(storages)('%s', (_name, create) => {
    let storage: S3Storage;

    beforeAll(async () => {
      storage = create(ceph);
      await storage.prepare();
    });

    it.each(storagePromises)('keeps its promise: $sentence', ({ check }) => check(storage));

    it('keeps all of them in one place, and leaves nothing there', async () => {
      await lintStorage(storage);
      expect(await storage.list()).toEqual({ files: [] });
      expect(await storage.sweep(new Date(Date.now() + 3_600_000))).toBe(0);
    });
  });
});
