import { PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { Body, Controller, Get, Header, Post } from '@nestjs/common';
import { AllowSuperuser, PrivateStorageModule } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { ADAPTERS, startApp } from '../e2e/app.js';
import { LoginGuard } from '../e2e/users.js';
import { openPage } from '../chromium.js';
import { describeWith } from '../programs.js';
import { temporaryFolder } from '../storage/temporary-folder.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { DossiersController, DossierUploads, LIMIT } from './direct-uploads-app.js';

/** What the page has seen; it says so itself. */
let report: (results: unknown) => void;

/** What the documentation shows, for one file that is fine and one that S3 refuses. */
const SCRIPT = `
  const post = (path, body) => fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'alice' },
    body: JSON.stringify(body),
  });
  const upload = async (file) => {
    const { name, type: contentType } = file;
    const { url, fields, claim } = await (await post('/dossiers/direct-uploads', { name, contentType })).json();
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    form.append('file', file);
    const sent = await fetch(url, { method: 'POST', body: form });
    const created = await post('/dossiers', { title: 'May', file: claim });
    return [sent.status, created.status, (await created.json()).file?.name];
  };
  const pdf = (size) => new File(['%PDF-1.7', new Uint8Array(size)], 'März.pdf', { type: 'application/pdf' });
  const results = [];
  for (const size of [1000, ${LIMIT}]) results.push(await upload(pdf(size)).catch(String));
  await post('/results', { results });
`;

@Controller()
class PageController {
  @Get('page')
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return `<!doctype html><title>Uploads</title><script type="module">${SCRIPT}</script>`;
  }

  @Post('results')
  results(@Body() { results }: { results: unknown }): void {
    report(results);
  }
}

const at = temporaryFolder();

describeWith(...CEPH_PROGRAMS, 'chromium')('a browser and S3', () => {
  let ceph: Ceph;
  beforeAll(async () => {
    ceph = await startCeph();
  });
  afterAll(() => ceph.stop());

  it.each(ADAPTERS)('get on, with a page from %s', async (adapter) => {
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const storage = new S3Storage({ bucket: adapter, client, createBucket: true });
    const { url, close } = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage, guards: [LoginGuard, AllowSuperuser] })],
      controllers: [PageController, DossierUploads, DossiersController],
    });
    await client.send(
      new PutBucketCorsCommand({
        Bucket: adapter,
        CORSConfiguration: { CORSRules: [{ AllowedMethods: ['POST'], AllowedOrigins: [url] }] },
      }),
    );
    const reported = new Promise((resolve) => (report = resolve));
    const page = openPage(`${url}/page`, at('profile'));
    try {
      expect(await Promise.race([reported, page.running])).toEqual([
        [204, 201, 'März.pdf'],
        [400, 409, null],
      ]);
    } finally {
      await page.close();
      await close();
      client.destroy();
    }
  });
});
