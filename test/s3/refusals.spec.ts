import { FileNotFoundError } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { S3Requests } from '../../lib/s3/s3-requests.js';
import { until } from '../e2e/open-files.js';
import { describeWith } from '../programs.js';
import { preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import { faultyCeph } from './faulty-ceph.js';

const TIMES = 5;
const BOTH_SIDES = 2;

describeWith(...CEPH_PROGRAMS)('an S3 that refuses', () => {
  const s3 = faultyCeph();
  let storage: S3Storage;

  beforeAll(async () => {
    const { options } = await preparedStorage(s3.ceph);
    storage = new S3Storage({ ...options, endpoint: s3.proxy.url });
  });

  it('a part that it has not read is left with no connection for the rest of it', async () => {
    const requests = new S3Requests(storage.place);
    const query = { partNumber: '1', uploadId: 'none' };
    for (let part = 0; part < TIMES; part++) {
      const body = { bytes: Buffer.alloc(20 * 1024 ** 2) };
      const sending = requests.send({ method: 'PUT', name: 'part.bin', query, body });
      await expect(sending).rejects.toThrow('NoSuchUpload');
    }
    await until(() => s3.proxy.connections === 0);
  });

  it('what has no body is asked again on the same connection', async () => {
    for (let request = 0; request < TIMES; request++) {
      expect(await storage.exists('missing.txt')).toBe(false);
      await expect(storage.open('missing.txt')).rejects.toThrow(FileNotFoundError);
    }
    expect(s3.proxy.connections).toBe(BOTH_SIDES);
  });
});
