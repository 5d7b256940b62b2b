import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from '../s3/ceph.js';
import { SampleApp, type Client } from './sample-app.js';

const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(300_000)]);
const GIF = Buffer.from('R0lGODlhAwACAIAAAP///wAAACwAAAAAAwACAAACAoRRADs=', 'base64');

interface Filed {
  readonly id: number;
  readonly file: { readonly url: string };
}

describeWith(...CEPH_PROGRAMS)('the sample app on S3', () => {
  let ceph: Ceph;
  let s3: S3Client;

  beforeAll(async () => {
    ceph = await startCeph();
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  });
  afterAll(async () => {
    s3.destroy();
    await ceph.stop();
  });

  describe.each([
    ['express', 'redirect'],
    ['fastify', 'redirect'],
    ['express', 'proxy'],
    ['fastify', 'proxy'],
  ])('with %s, by %s', (adapter, delivery) => {
    const bucket = `${adapter}-${delivery}`;
    let app: SampleApp;
    let alice: Client;
    let bob: Client;
    let root: Client;

    beforeAll(async () => {
      app = await SampleApp.start({
        HTTP_ADAPTER: adapter,
        MAX_FILE_SIZE: '1000000',
        STORAGE: 's3',
        S3_ENDPOINT: ceph.endpoint,
        S3_REGION: ceph.region,
        S3_BUCKET: bucket,
        S3_ACCESS_KEY: ceph.accessKeyId,
        S3_SECRET_KEY: ceph.secretAccessKey,
        S3_DELIVERY: delivery,
      });
      [alice, bob, root] = await Promise.all([
        app.login('alice'),
        app.login('bob'),
        app.login('root'),
      ]);
    });
    afterAll(() => app.remove());

    const objects = async (): Promise<string[]> => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => String(Key));
    };
    const upload = async (
      bytes: Buffer,
      name: string,
      path = '/dossiers',
      method = 'POST',
    ): Promise<Filed> => {
      const file = new Blob([new Uint8Array(bytes)]);
      const response = await alice.upload(path, file, name, { customer: 'ACME' }, method);
      expect(response.status).toBe(method === 'POST' ? 201 : 200);
      return (await response.json()) as Filed;
    };
    const bytesOf = async (response: Response): Promise<Buffer> =>
      Buffer.from(await response.arrayBuffer());

    it('gives a file back byte for byte, and leaves nothing behind', async () => {
      const { id, file } = await upload(PDF, 'Verträge "1".pdf');
      const key = (await objects()).at(-1);
      expect(key).toMatch(/^private-media\/dossiers\/\d{4}\/\d\d\/ACME\/Verträge _1_\.pdf$/);

      const answer = await alice.fetch(file.url, { redirect: 'manual' });
      expect(answer.status).toBe(delivery === 'redirect' ? 302 : 200);
      expect(answer.headers.get('cache-control')).toBe(
        delivery === 'redirect' ? 'no-store' : 'private, no-cache, no-transform',
      );
      await answer.arrayBuffer();

      const download = await alice.fetch(file.url);
      expect((await bytesOf(download)).equals(PDF)).toBe(true);
      expect(download.headers.get('content-type')).toBe('application/pdf');
      expect(download.headers.get('content-disposition')).toBe(
        `attachment; filename="Vertrage _1_.pdf"; filename*=UTF-8''Vertr%C3%A4ge%20%221%22.pdf`,
      );

      await upload(Buffer.from('a note'), 'note.txt', `/dossiers/${id}/file`, 'PUT');
      expect(String(await bytesOf(await alice.fetch(file.url)))).toBe('a note');
      expect(await objects()).toEqual([expect.stringMatching(/\/note\.txt$/)]);
      expect((await alice.fetch(`/dossiers/${id}`, { method: 'DELETE' })).status).toBe(204);
      expect(await objects()).toEqual([]);
    });

    it('says no as on a disk', async () => {
      const { id, file } = await upload(PDF, 'contract.pdf');
      expect((await bob.fetch(file.url)).status).toBe(403);
      expect((await fetch(app.url + file.url)).status).toBe(401);
      expect((await alice.fetch('/private-media/gone.pdf')).status).toBe(403);
      expect((await root.fetch('/private-media/gone.pdf')).status).toBe(404);
      const page = new Blob(['<!DOCTYPE html><script>alert(1)</script>']);
      expect((await alice.upload('/dossiers', page, 'a.pdf')).status).toBe(415);
      const large = new Blob(['%PDF-1.7\n', Buffer.alloc(1_000_000)]);
      expect((await alice.upload('/dossiers', large, 'a.pdf')).status).toBe(413);
      const untitled = await alice.upload('/dossiers', new Blob(['a']), 'a.txt', {
        title: 'x'.repeat(201),
      });
      expect(untitled.status).toBe(400);
      expect((await alice.fetch(`/dossiers/${id}`, { method: 'DELETE' })).status).toBe(204);
      while ((await objects()).length > 0); // what nobody claimed goes when the answer has left
    });

    it('keeps photos, with their size', async () => {
      const photo = await upload(GIF, 'dot.gif', '/photos');
      expect(photo).toEqual(expect.objectContaining({ width: 3, height: 2 }));
      expect((await bytesOf(await alice.fetch(photo.file.url))).equals(GIF)).toBe(true);
      expect((await bob.fetch(photo.file.url)).status).toBe(403);
    });

    it('keeps invoices apart, under a prefix of their own', async () => {
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: 'private-invoices/1.txt', Body: 'invoice' }),
      );
      const invoice = await root.fetch('/private-invoices/1.txt');
      expect([invoice.status, await invoice.text()]).toEqual([200, 'invoice']);
      expect((await root.fetch('/private-media/1.txt')).status).toBe(404);
      expect((await alice.fetch('/private-invoices/1.txt')).status).toBe(403);
    });
  });

  it('says what is wrong with its bucket, and does not start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sample-app-'));
    const env = {
      STORAGE: 's3',
      S3_ENDPOINT: ceph.endpoint,
      S3_BUCKET: 'dossiers',
      S3_ACCESS_KEY: ceph.accessKeyId,
      S3_SECRET_KEY: 'wrong',
    };
    await expect(SampleApp.start(env, folder)).rejects.toThrow('ConfigurationError');
    rmSync(folder, { recursive: true });
  });
});
