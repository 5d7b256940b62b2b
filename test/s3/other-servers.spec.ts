import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { lintStorage } from 'nestjs-private-storage/testing';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, readText, stage } from '../storage/bytes.js';
import { clientOf, optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import type { HttpServer } from './http-server.js';
import { OtherServer } from './other-server.js';

const AT_ONCE = 50;

describeWith(...CEPH_PROGRAMS).each([
  ['copies under a condition, as AWS', 'copies' as const],
  ['knows no conditions', 'deaf' as const],
])('an S3 that %s', (_name, kind) => {
  let ceph: Ceph;
  let other: OtherServer;
  let server: HttpServer;
  let options: S3StorageOptions;
  let storage: S3Storage;

  beforeAll(async () => {
    ceph = await startCeph();
    other = new OtherServer(ceph, kind);
    server = await other.start();
    options = { ...optionsOf(ceph), endpoint: server.url };
    storage = new S3Storage(options);
    await storage.prepare();
  });

  afterAll(async () => {
    await server.stop();
    await ceph.stop();
  });

  it('keeps all promises of a storage', () => lintStorage(storage));

  it(`gives ${AT_ONCE} files that want one key a key each`, async () => {
    const storages = kind === 'deaf' ? [storage] : [storage, new S3Storage(options)];
    const contents = Array.from({ length: AT_ONCE }, (_, i) => `content ${i}`);
    const of = (i: number): S3Storage => storages[i % storages.length]!;
    const staged = await Promise.all(contents.map((content, i) => stage(of(i), content)));
    const keys = await Promise.all(staged.map((one, i) => of(i).commit(one, 'race.txt')));
    expect(new Set(keys).size).toBe(AT_ONCE);
    const found = await Promise.all(keys.map((key) => readText(storage, key)));
    expect(found).toEqual(contents);
  });

  it.each([1, 3])('knows its own copy again when %d answers to it were lost', async (answers) => {
    other.lostAnswers = answers;
    const key = `lost-${answers}.txt`;
    expect(await put(storage, key, 'kept')).toBe(key);
    expect(other.lostAnswers).toBe(0);
    expect(await readText(storage, key)).toBe('kept');
    const command = new ListObjectsV2Command({ Bucket: options.bucket, Prefix: `lost-${answers}` });
    expect((await clientOf(ceph).send(command)).KeyCount).toBe(1);
  });
});
