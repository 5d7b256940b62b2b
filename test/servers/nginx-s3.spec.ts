import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PrivateStorageModule, WebServerCheck } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { randomBytes } from 'node:crypto';
import { ADAPTERS, startApp } from '../e2e/app.js';
import { as, LoginGuard } from '../e2e/users.js';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from '../s3/ceph.js';
import { startNginx } from './nginx.js';

const NAMES = [
  'plain.txt',
  'Rückstoß 😀.txt',
  '100%.txt',
  '%41.txt',
  'a%2Fb.txt',
  'what?.txt',
  'a#b.txt',
  'a+b.txt',
  "it's (a) *file*!~.txt",
  'a&b;c=d,e@f$g.txt',
  'sub/folder/a.txt',
];

describeWith('nginx', ...CEPH_PROGRAMS)('nginx fetches from an S3 that verifies signatures', () => {
  let ceph: Ceph;

  beforeAll(async () => {
    ceph = await startCeph();
  });
  afterAll(() => ceph.stop());

  it.each(ADAPTERS)('every name and every range, for an app on %s', async (adapter) => {
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: adapter }));
    const storage = new S3Storage({ client, bucket: adapter });
    const running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/files',
          guards: [LoginGuard],
          server: 'nginx',
        }),
      ],
    });
    const nginx = await startNginx(running.url, [{ name: 'default', signedOrigin: endpoint }]);
    try {
      expect(await running.app.get(WebServerCheck).check(nginx.url)).toEqual([]);
      for (const name of NAMES) {
        const bytes = randomBytes(100_000);
        const key = await storage.put(name, once(bytes));
        const url = `${nginx.url}/files/${key.split('/').map(encodeURIComponent).join('/')}`;
        const whole = await fetch(url, as('root', { cookie: 'session=secret' }));
        expect([name, whole.status]).toEqual([name, 200]);
        expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
        const part = await fetch(url, as('root', { range: 'bytes=-7' }));
        expect([name, part.status]).toEqual([name, 206]);
        expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(-7))).toBe(true);
        const again = await fetch(
          url,
          as('root', { 'if-none-match': whole.headers.get('etag') ?? '' }),
        );
        expect([name, again.status]).toEqual([name, 304]);
        expect([...whole.headers, ...part.headers].join()).not.toMatch(/x-(?:amz|rgw|accel)/i);
      }
      await storage.delete('plain.txt');
      expect((await fetch(`${nginx.url}/files/plain.txt`, as('root'))).status).toBe(404);
    } finally {
      await nginx.stop();
      await running.close();
      client.destroy();
    }
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
