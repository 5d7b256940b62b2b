import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { describeWith } from '../programs.js';
import { readText, stage } from '../storage/bytes.js';
import { clientOf, preparedStorage } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

const AT_ONCE = 8;

describeWith(...CEPH_PROGRAMS)('in a versioned bucket', () => {
  let ceph: Ceph;
  beforeAll(async () => {
    ceph = await startCeph();
  });
  afterAll(() => ceph.stop());

  it('files of one process that want one key at once get a key each', async () => {
    const { storage, options } = await preparedStorage(ceph);
    const client = clientOf(ceph);
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(
      new PutBucketVersioningCommand({ Bucket: options.bucket, VersioningConfiguration }),
    );
    client.destroy();
    const contents = Array.from({ length: AT_ONCE }, (_, at) => `file ${at}`);
    const staged = await Promise.all(contents.map((content) => stage(storage, content)));
    const keys = await Promise.all(staged.map((one) => storage.commit(one, 'race.txt')));
    expect(await Promise.all(keys.map((key) => readText(storage, key)))).toEqual(contents);
  });
});
