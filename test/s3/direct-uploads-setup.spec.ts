import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Type } from '@nestjs/common';
import {
  ConfigurationError,
  MemoryStorage,
  PrivateStorageModule,
  type AccessOptions,
  type FileStorage,
  type StoredFile,
} from 'nestjs-private-storage';
import { S3Storage, type DirectUpload, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { randomBytes } from 'node:crypto';
import { startApp, type RunningApp } from '../e2e/app.js';
import { as } from '../e2e/users.js';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { DossiersController, DossierUploads, EndlessUploads } from './direct-uploads-app.js';
import { read, send } from './direct-uploads-client.js';

const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(50_000)]);
const BUCKET: S3StorageOptions = { bucket: 'a', region: 'b' };
const SECRET: S3StorageOptions = {
  ...BUCKET,
  delivery: 'proxy',
  encryption: { customerKey: Buffer.alloc(32) },
};

describe('an app with direct uploads', () => {
  it.each<[string, Type, FileStorage, string]>([
    ['an S3Storage', DossierUploads, new MemoryStorage(), 'Dossier.file is kept in the storage'],
    [
      'a key that a browser may have',
      DossierUploads,
      new S3Storage(SECRET),
      'no browser can be given the customerKey',
    ],
    [
      'an end',
      EndlessUploads,
      new S3Storage(BUCKET),
      'EndlessUploads: expires is a whole number of seconds from 1 to 86400, not Infinity',
    ],
  ])('needs %s', async (_what, controller, storage, sentence) => {
    storage.prepare = () => undefined; // there is no server
    storage.sweep = () => Promise.resolve(0);
    const start = startApp('express', {
      imports: [PrivateStorageModule.forRoot({ storage })],
      controllers: [controller],
    });
    await expect(start).rejects.toThrow(sentence);
    await expect(start).rejects.toThrow(ConfigurationError);
  });
});

describeWith(...CEPH_PROGRAMS)('direct uploads', () => {
  let ceph: Ceph;
  let running: RunningApp;

  beforeAll(async () => {
    ceph = await startCeph();
  });
  afterEach(() => running.close());
  afterAll(() => ceph.stop());

  const server = () => {
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
    return {
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
    };
  };
  const start = async (
    options: Partial<S3StorageOptions>,
    access?: AccessOptions,
  ): Promise<S3Storage> => {
    const storage = new S3Storage({
      ...server(),
      bucket: 'dossiers',
      createBucket: true,
      ...options,
    });
    running = await startApp('express', {
      imports: [PrivateStorageModule.forRoot({ storage, access })],
      controllers: [DossierUploads, DossiersController],
    });
    return storage;
  };
  const post = (path: string, body: object): Promise<Response> => {
    const { headers } = as('alice', { 'content-type': 'application/json' });
    return fetch(running.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  };

  it('are encrypted from their first byte', async () => {
    const storage = await start({ bucket: 'encrypted', encryption: { kms: ceph.kmsKeyId } });
    const s3 = new S3Client(server());
    const encryptionOf = async (name: string): Promise<string | undefined> => {
      const command = new HeadObjectCommand({ Bucket: 'encrypted', Key: name });
      return (await s3.send(command)).ServerSideEncryption;
    };
    const answer = await post('/dossiers/direct-uploads', { name: 'a.pdf' });
    const upload = (await answer.json()) as DirectUpload;
    expect((await send(upload, PDF)).status).toBe(204);
    expect(await encryptionOf(String(upload.fields.key))).toBe('aws:kms');
    const created = await post('/dossiers', { file: upload.claim });
    const { key } = ((await created.json()) as { file: StoredFile }).file;
    expect(await encryptionOf(key)).toBe('aws:kms');
    expect(await read(storage, key)).toEqual(PDF);
    s3.destroy();
  });

  it.each<[string, AccessOptions, number]>([
    ['no id', { userId: () => undefined }, 500],
    ['an object for an id', { userId: () => ({}) }, 500],
    ['a number for an id', { userId: () => 7 }, 201],
  ])('by users with %s', async (_what, access, status) => {
    await start({}, access);
    expect((await post('/dossiers/direct-uploads', { name: 'a.pdf' })).status).toBe(status);
  });
});
