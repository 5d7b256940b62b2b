import { ConfigurationError } from 'nestjs-private-storage';
import { S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { BucketProbe } from '../../lib/s3/bucket-probe.js';
import { S3Copies } from '../../lib/s3/s3-copies.js';
import { S3Requests } from '../../lib/s3/s3-requests.js';
import { describeWith } from '../programs.js';
import { preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import { refusal } from './fault-proxy.js';
import { faultyCeph } from './faulty-ceph.js';

const CONDITION = /if-none-match/i;

describeWith(...CEPH_PROGRAMS)('whether S3 knows conditions', () => {
  const s3 = faultyCeph();
  let options: S3StorageOptions;

  beforeAll(async () => {
    const prepared = await preparedStorage(s3.ceph);
    options = { ...prepared.options, endpoint: s3.proxy.url };
  });

  it.each([
    [400, 'RequestTimeout'],
    [400, 'ExpiredToken'],
    [403, 'AccessDenied'],
    [409, 'OperationAborted'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
  ])('is not told by %d %s, with which no app starts', async (status, code) => {
    s3.proxy.strike(refusal(status, code), Infinity, CONDITION);
    await expect(new S3Storage(options).prepare()).rejects.toThrow(ConfigurationError);
  });

  it.each([
    [400, 'InvalidArgument', false],
    [400, 'InvalidRequest', false],
    [400, 'NotImplemented', false],
    [501, 'NotImplemented', false],
    [501, '', false],
    [409, 'ConditionalRequestConflict', true],
    [412, 'PreconditionFailed', true],
  ])('is told by %d %s: %s', async (status, code, isKnown) => {
    s3.proxy.strike(refusal(status, code), Infinity, CONDITION);
    const { place } = new S3Storage(options);
    const requests = new S3Requests(place);
    const probe = new BucketProbe(place, requests, new S3Copies(place, requests));
    expect(await probe.run()).toMatchObject({
      writesOnCondition: isKnown,
      copiesOnCondition: isKnown,
    });
  });
});
