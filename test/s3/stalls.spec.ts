import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { StorageAnsweredBadlyError, StorageTimedOutError } from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { sendCommand } from '../../lib/s3/s3-commands.js';
import { failing } from '../../lib/s3/s3-errors.js';
import { describeWith } from '../programs.js';
import { put, stage } from '../storage/bytes.js';
import { preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import type { Fault } from './fault-proxy.js';
import { faultyCeph } from './faulty-ceph.js';
import { HttpServer } from './http-server.js';

const MIB = 1024 ** 2;
const IN_AN_HOUR = new Date(Date.now() + 3_600_000);
/** In the body: an answer of Ceph's has a head of less. */
const STALL: Fault = { kind: 'stall', of: 'answer', after: 300 };

describeWith(...CEPH_PROGRAMS)('an S3 that stops in the middle of an answer', () => {
  const s3 = faultyCeph();
  let options: S3StorageOptions;
  let sound: S3Storage;
  let impatient: S3Storage;

  beforeAll(async () => {
    ({ options, storage: sound } = await preparedStorage(s3.ceph));
    impatient = new S3Storage({ ...options, endpoint: s3.proxy.url, timeout: 0.5 });
    await put(sound, 'small.txt', 'small');
  });

  it.each<[string, RegExp, () => Promise<unknown>]>([
    ['a list', /list-type/, () => impatient.list()],
    ['a sweep of what was staged', /list-type/, () => impatient.sweep(IN_AN_HOUR)],
    ['a sweep of uploads', /[?&]uploads/, () => impatient.sweep(IN_AN_HOUR)],
    ['an upload in parts', /^POST \S+[?&]uploads/, () => stage(impatient, Buffer.alloc(6 * MIB))],
    [
      'a copy',
      /x-amz-copy-source/i,
      async () => {
        const { place } = impatient;
        const CopySource = place.copySource('small.txt');
        const copy = { Bucket: place.bucket, Key: 'copy.txt', CopySource };
        await failing(sendCommand(place, new CopyObjectCommand(copy), 500));
      },
    ],
  ])('is not waited for by %s', async (_name, requests, action) => {
    s3.proxy.strike(STALL, Infinity, requests);
    await expect(action()).rejects.toThrow(StorageTimedOutError);
  });

  it('is not waited for at start-up', async () => {
    s3.proxy.strike(STALL, Infinity, /list-type/);
    const starting = new S3Storage({ ...options, endpoint: s3.proxy.url, timeout: 0.5 }).prepare();
    await expect(starting).rejects.toThrow(/nothing answers at .+\(TimeoutError\)/);
  });

  it('has deleted many, which is looked at one by one', async () => {
    await put(sound, 'many.txt', 'many');
    const meanwhile = async (): Promise<void> => {
      while (await sound.exists('many.txt')); // Ceph begins its answer before it has deleted them
    };
    s3.proxy.strike({ ...STALL, meanwhile }, Infinity, /^POST \S+\?delete/);
    await impatient.deleteMany(['many.txt']);
  });
});

it('an S3 whose answer has no end is not read for ever', async () => {
  const server = await HttpServer.start((_request, response) => {
    const write = (): void => {
      while (response.write(Buffer.alloc(MIB, '<a>')));
    };
    response.on('drain', write);
    write();
  });
  const storage = new S3Storage({
    ...{ bucket: 'bucket', region: 'us-east-1', endpoint: server.url, forcePathStyle: true },
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  await expect(storage.list()).rejects.toThrow(StorageAnsweredBadlyError);
  await server.stop();
});
