import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

describeWith(...CEPH_PROGRAMS)('the S3 of the tests', () => {
  let ceph: Ceph;
  beforeAll(async () => {
    ceph = await startCeph();
  });
  afterAll(() => ceph.stop());

  const client = (secretAccessKey: string): S3Client => {
    const { endpoint, region, accessKeyId } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  };

  it('serves who has the keys', async () => {
    const s3 = client(ceph.secretAccessKey);
    await s3.send(new CreateBucketCommand({ Bucket: 'dossiers' }));
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toEqual(['dossiers']);
  });

  it('refuses a wrong signature', async () => {
    await expect(client('wrong').send(new ListBucketsCommand({}))).rejects.toThrow(
      /SignatureDoesNotMatch|UnknownError/,
    );
  });
});
