import { randomBytes } from 'node:crypto';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from '../s3/ceph.js';
import type { Client, SampleApp } from '../sample/sample-app.js';
import { ask, startBehind, type Answer, type Question } from './site.js';

const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(3_000_000)]);
const NAME = `Übergröße 100% %41 a+b #1?.pdf`;

describeWith('nginx', ...CEPH_PROGRAMS).each(['express', 'fastify'])(
  'nginx fetching from S3, in front of the sample on %s',
  (adapter) => {
    let ceph: Ceph;
    let site: SampleApp;
    let alice: Client;
    let url: string;

    beforeAll(async () => {
      ceph = await startCeph();
      site = await startBehind('nginx', {
        HTTP_ADAPTER: adapter,
        STORAGE: 's3',
        S3_ENDPOINT: ceph.endpoint,
        S3_REGION: ceph.region,
        S3_ACCESS_KEY: ceph.accessKeyId,
        S3_SECRET_KEY: ceph.secretAccessKey,
      });
      alice = await site.login('alice');
      const created = await alice.upload('/dossiers', new Blob([PDF]), NAME, { customer: NAME });
      ({ url } = ((await created.json()) as { file: { url: string } }).file);
    });

    afterAll(async () => {
      await site.remove();
      await ceph.stop();
    });

    /** Asks, and holds the answer against what S3 is told and says. */
    const askFor = async (path: string, question: Question = {}): Promise<Answer> => {
      const answer = await ask(site.url, path, question);
      const said = JSON.stringify(answer.headers);
      expect(said).not.toMatch(/x-accel|x-amz|x-rgw|signature/i);
      expect(said).not.toContain(ceph.endpoint.replace('http:', ''));
      return answer;
    };

    it('sends the object with the headers of the app', async () => {
      const { status, headers, body } = await askFor(url, { as: alice });
      expect([status, body.equals(PDF)]).toEqual([200, true]);
      expect(headers).toMatchObject({
        'content-type': 'application/pdf',
        'content-length': String(PDF.length),
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-cache, no-transform',
        'content-disposition': expect.stringContaining("filename*=UTF-8''%C3%9Cbergr") as string,
        etag: expect.stringMatching(/^"[^"]+"$/) as string,
      });
      const head = await askFor(url, { method: 'HEAD', as: alice });
      expect([head.status, head.body.length]).toEqual([200, 0]);
      expect(head.headers).toMatchObject({
        etag: headers.etag,
        'content-length': headers['content-length'],
      });
    });

    it('sends ranges, and 304 to who has the file', async () => {
      const range = await askFor(url, { headers: { Range: 'bytes=100-1099' }, as: alice });
      expect([range.status, range.headers['content-range'], range.body]).toEqual([
        206,
        `bytes 100-1099/${PDF.length}`,
        PDF.subarray(100, 1100),
      ]);
      const { etag = '' } = range.headers;
      const known = await askFor(url, { headers: { 'If-None-Match': etag }, as: alice });
      expect([known.status, known.body.length]).toEqual([304, 0]);
      const behind = { Range: `bytes=${PDF.length}-` };
      expect((await askFor(url, { headers: behind, as: alice })).status).toBe(416);
    });

    it('sends nothing to others, and says 404 of what is gone', async () => {
      expect((await askFor(url)).status).toBe(401);
      expect((await askFor(url, { as: await site.login('bob') })).status).toBe(403);
      const root = await site.login('root');
      for (const path of [
        '/private-media/missing.pdf',
        '/private-invoices/missing.pdf',
        '/private-x-accel-redirect/default/',
        '/private-x-accel-redirect/default/?/private-media/',
      ]) {
        expect((await askFor(path, { as: root })).status).toBe(404);
      }
    });
  },
);
