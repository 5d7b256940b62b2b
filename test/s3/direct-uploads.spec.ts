import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { AllowSuperuser, PrivateStorageModule, type StoredFile } from 'nestjs-private-storage';
import { S3Storage, type DirectUpload, type DirectUploadRequest } from 'nestjs-private-storage/s3';
import { createHash, randomBytes } from 'node:crypto';
import { ADAPTERS, startApp, type Adapter, type RunningApp } from '../e2e/app.js';
import { as, LoginGuard } from '../e2e/users.js';
import { describeWith } from '../programs.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { read, send } from './direct-uploads-client.js';
import {
  DossiersController,
  DossierUploads,
  HastyUploads,
  LIMIT,
  ScanUploads,
} from './direct-uploads-app.js';
import { FaultProxy } from './fault-proxy.js';

const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(50_000)]);
const GIF = Buffer.from('R0lGODlhAwACAIAAAP///wAAACwAAAAAAwACAAACAoRRADs=', 'base64');

/** With its directory behind its pixels, as most programs write it. */
function tiff(width: number, height: number): Buffer {
  const pixels = 700_000;
  const bytes = Buffer.alloc(8 + pixels + 2 + 24);
  bytes.write('49492a00', 'hex');
  bytes.writeUInt32LE(8 + pixels, 4);
  bytes.writeUInt16LE(2, 8 + pixels);
  for (const [index, value] of [width, height].entries()) {
    const at = 8 + pixels + 2 + index * 12;
    bytes.writeUInt16LE(256 + index, at);
    bytes.writeUInt16LE(4, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  }
  return bytes;
}

type User = 'alice' | 'bob' | 'staff' | 'root';

describeWith(...CEPH_PROGRAMS)('direct uploads', () => {
  let ceph: Ceph;
  let s3: S3Client;
  const apps = new Map<Adapter, { running: RunningApp; storage: S3Storage; proxy: FaultProxy }>();

  beforeAll(async () => {
    ceph = await startCeph();
    const { endpoint, region, accessKeyId, secretAccessKey } = ceph;
    const server = {
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
    };
    s3 = new S3Client(server);
    for (const adapter of ADAPTERS) {
      const proxy = await FaultProxy.start(endpoint);
      const storage = new S3Storage({
        ...server,
        endpoint: proxy.url,
        bucket: adapter,
        createBucket: true,
        prefix: 'media',
      });
      const running = await startApp(adapter, {
        imports: [PrivateStorageModule.forRoot({ storage, guards: [LoginGuard, AllowSuperuser] })],
        controllers: [DossierUploads, HastyUploads, ScanUploads, DossiersController],
      });
      apps.set(adapter, { running, storage, proxy });
    }
  });
  afterAll(async () => {
    for (const { running, proxy } of apps.values()) {
      await running.close();
      await proxy.stop();
    }
    s3.destroy();
    await ceph.stop();
  });

  describe.each(ADAPTERS)('on %s', (adapter) => {
    const post = async (path: string, user: User | 'nobody', body: object): Promise<Answer> => {
      const { headers } = user === 'nobody' ? { headers: {} } : as(user);
      const response = await fetch(apps.get(adapter)!.running.url + path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const ask = async (request: Partial<DirectUploadRequest> = {}, user: User = 'alice') => {
      const { status, body } = await post('/dossiers/direct-uploads', user, {
        name: 'may.pdf',
        ...request,
      });
      expect(status).toBe(201);
      return body as unknown as DirectUpload;
    };
    const objects = async (): Promise<string[]> => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: adapter }));
      return Contents.map(({ Key }) => String(Key));
    };
    let before: string[];
    beforeEach(async () => {
      before = await objects();
    });
    const left = async (): Promise<string[]> =>
      (await objects()).filter((name) => !before.includes(name));

    it('takes a file from a browser by way of S3', async () => {
      const upload = await ask({ name: 'März "1".pdf', size: PDF.length });
      expect(Date.parse(upload.expiresAt)).toBeGreaterThan(Date.now());
      expect((await send(upload, PDF)).status).toBe(204);
      const { status, body } = await post('/dossiers', 'alice', {
        title: 'May',
        file: upload.claim,
      });
      expect([status, body]).toEqual([
        201,
        {
          body: { title: 'May' },
          file: {
            storage: 'default',
            key: 'dossiers/März _1_.pdf',
            name: 'März "1".pdf',
            size: PDF.length,
            contentType: 'application/pdf',
            uploadedAt: expect.any(String),
          },
        },
      ]);
      expect(await left()).toEqual(['media/dossiers/März _1_.pdf']);
      expect(await read(apps.get(adapter)!.storage, 'dossiers/März _1_.pdf')).toEqual(PDF);
    });

    it('keeps the checksum that was announced, once it was held against the bytes', async () => {
      const checksum = createHash('sha256').update(PDF).digest('hex');
      const upload = await ask({ checksum });
      await send(upload, PDF);
      const { body } = await post('/dossiers', 'alice', { file: upload.claim });
      expect(body).toEqual({ body: {}, file: expect.objectContaining({ checksum }) });
    });

    it('refuses bytes that are not those announced', async () => {
      const upload = await ask({ checksum: 'a'.repeat(64) });
      if ((await send(upload, PDF)).status >= 400) return; // S3 itself has seen it
      expect(await post('/dossiers', 'alice', { file: upload.claim })).toEqual({
        status: 400,
        body: expect.objectContaining({ code: 'MALFORMED_UPLOAD', field: 'file' }),
      });
      expect(await left()).toEqual([]);
    });

    it('has S3 refuse what is too large, of another type, or goes elsewhere', async () => {
      const upload = await ask();
      expect((await send(upload, Buffer.alloc(LIMIT + 1))).status).toBe(400);
      for (const [field, value] of [
        ['Content-Type', 'text/html'],
        ['key', 'media/dossiers/mine.pdf'],
        ['key', `media/.staging/${'0'.repeat(32)}`],
        ['x-amz-meta-owner', 'f'.repeat(64)],
        ['x-amz-meta-expires', '2999-01-01T00:00:00.000Z'],
        ['x-amz-meta-more', 'a field of my own'],
      ] as const) {
        const altered = { ...upload, fields: { ...upload.fields, [field]: value } };
        expect([field, (await send(altered, PDF)).status]).toEqual([field, 403]);
      }
      expect(await left()).toEqual([]);
      expect((await post('/dossiers', 'alice', { file: upload.claim })).status).toBe(409);
    });

    it.each<[Partial<DirectUploadRequest> | Record<string, unknown>, number, string]>([
      [{ size: LIMIT + 1 }, 413, 'FILE_TOO_LARGE'],
      [{ name: 'page.html' }, 415, 'FILE_TYPE_NOT_SUPPORTED'],
      [{ contentType: 'text/html' }, 415, 'FILE_TYPE_NOT_SUPPORTED'],
      [{ name: '' }, 400, 'MALFORMED_UPLOAD'],
      [{ name: 1 }, 400, 'MALFORMED_UPLOAD'],
      [{ size: -1 }, 400, 'MALFORMED_UPLOAD'],
      [{ size: '5' }, 400, 'MALFORMED_UPLOAD'],
      [{ contentType: 'text/plain\r\nx: y' }, 400, 'MALFORMED_UPLOAD'],
      [{ checksum: 'x' }, 400, 'MALFORMED_UPLOAD'],
    ])('signs nothing for %j', async (request, status, code) => {
      expect(
        await post('/dossiers/direct-uploads', 'alice', { name: 'a.pdf', ...request }),
      ).toEqual({ status, body: expect.objectContaining({ code, field: 'file' }) });
    });

    it('finds out by the bytes what was sent, and keeps nothing of it', async () => {
      const upload = await ask();
      await send(upload, Buffer.from('<!DOCTYPE html><script>alert(1)</script>'));
      expect(await left()).toHaveLength(1);
      expect(await post('/dossiers', 'alice', { file: upload.claim })).toEqual({
        status: 415,
        body: expect.objectContaining({
          code: 'FILE_TYPE_NOT_SUPPORTED',
          contentType: 'text/html',
        }),
      });
      expect(await left()).toEqual([]);
      expect((await post('/dossiers', 'alice', { file: upload.claim })).status).toBe(409);
    });

    it('takes an empty file for what it is', async () => {
      const upload = await ask({ name: 'note.txt' });
      await send(upload, Buffer.alloc(0));
      const { body } = await post('/dossiers', 'alice', { file: upload.claim });
      expect(body).toEqual({
        body: {},
        file: expect.objectContaining({ size: 0, contentType: 'text/plain' }),
      });
    });

    it('holds an image against its limits', async () => {
      const wide = Buffer.from(GIF);
      wide.writeUInt16LE(4, 6);
      for (const [bytes, status] of [
        [GIF, 201],
        [wide, 422],
        [tiff(3, 2), 201],
        [tiff(4, 2), 422],
      ] as const) {
        const { body } = await post('/scans/direct-uploads', 'root', { name: 'dot.gif' });
        const upload = body as unknown as DirectUpload;
        await send(upload, bytes);
        const answer = await post('/scans', 'root', { scan: upload.claim });
        expect(answer.status).toBe(status);
        if (status === 201)
          expect(answer.body.file).toEqual(expect.objectContaining({ width: 3, height: 2 }));
      }
    });

    it('is no use to anybody else, for another field, or without a login', async () => {
      const upload = await ask();
      await send(upload, PDF);
      expect((await post('/dossiers', 'bob', { file: upload.claim })).status).toBe(409);
      expect((await post('/scans', 'root', { scan: upload.claim })).status).toBe(409);
      expect((await post('/dossiers', 'nobody', { file: upload.claim })).status).toBe(401);
      expect((await post('/dossiers', 'alice', { file: upload.claim })).status).toBe(201);
    });

    it('is taken once', async () => {
      const upload = await ask();
      await send(upload, PDF);
      expect((await post('/dossiers', 'alice', { file: upload.claim })).status).toBe(201);
      expect(await post('/dossiers', 'alice', { file: upload.claim })).toEqual({
        status: 409,
        body: expect.objectContaining({ code: 'STAGED_FILE_GONE' }),
      });
    });

    it('makes whole files of two claims at once, or refuses one', async () => {
      const upload = await ask();
      await send(upload, PDF);
      const claim = () => post('/dossiers', 'alice', { file: upload.claim });
      const answers = await Promise.all([claim(), claim()]);
      const stored = answers.filter(({ status }) => status === 201);
      expect(answers.length - stored.length).toBe(
        answers.filter(({ status }) => status === 409).length,
      );
      while ((await left()).length > stored.length) await objects();
      for (const { body } of stored) {
        const { key } = body.file as StoredFile;
        expect(await read(apps.get(adapter)!.storage, key)).toEqual(PDF);
      }
    });

    it('never changes once it was looked at', async () => {
      const upload = await ask();
      await send(upload, PDF);
      const other = Buffer.from('<!DOCTYPE html><script>alert(1)</script>');
      const answered = new AbortController();
      const attached = post('/dossiers', 'alice', { file: upload.claim });
      void attached.finally(() => answered.abort());
      while (!answered.signal.aborted) await send(upload, other);
      const { status, body } = await attached;
      if (status !== 201) return; // the page came first, and was seen
      const { key } = body.file as StoredFile;
      expect(await read(apps.get(adapter)!.storage, key)).toEqual(PDF);
    });

    it('can be handed in again when the handler has failed, or kept nothing', async () => {
      const upload = await ask();
      await send(upload, PDF);
      expect((await post('/dossiers', 'alice', { title: '', file: upload.claim })).status).toBe(
        422,
      );
      expect((await post('/dossiers', 'alice', { isIdle: true, file: upload.claim })).status).toBe(
        201,
      );
      while ((await left()).length > 1) await objects(); // copies of it go when the answers have left
      expect((await post('/dossiers', 'alice', { title: 'May', file: upload.claim })).status).toBe(
        201,
      );
    });

    it('expires, and is gone then', async () => {
      let upload: DirectUpload;
      let status: number;
      do {
        const { body } = await post('/hasty/direct-uploads', 'alice', { name: 'a.pdf' });
        upload = body as unknown as DirectUpload;
        const policy = Buffer.from(upload.fields.Policy!, 'base64').toString();
        const { expiration } = JSON.parse(policy) as { expiration: string };
        // The two are taken from one clock, one after the other.
        expect([0, 1000]).toContain(Date.parse(expiration) - Date.parse(upload.expiresAt));
        ({ status } = await send(upload, PDF));
      } while (status === 403 && Date.now() > Date.parse(upload.expiresAt)); // too late, on a busy machine
      expect(status).toBe(204);
      const end = Date.parse(upload.expiresAt) + 1000; // S3's clock is known to a second
      while ((await send(upload, PDF)).status !== 403 || Date.now() < end) await objects();
      expect((await post('/dossiers', 'alice', { file: upload.claim })).status).toBe(409);
      expect(await left()).toEqual([]);
    });

    it('is swept when nobody claims it', async () => {
      await send(await ask(), PDF);
      expect(await left()).toHaveLength(1);
      await apps.get(adapter)!.storage.sweep(new Date(Date.now() + 60_000));
      expect(await left()).toEqual([]);
    });

    it.each<[unknown, number]>([
      [undefined, 422],
      [null, 422],
      ['', 409],
      ['../../dossiers/a.pdf', 409],
      ['0'.repeat(32), 409],
      [['0'.repeat(32)], 409],
      [{ storage: 'default', key: 'dossiers/a.pdf' }, 409],
    ])('answers the claim %j with an error', async (file, status) => {
      expect((await post('/dossiers', 'alice', { file })).status).toBe(status);
    });

    it('is the only file that its body brings', async () => {
      const scan = { storage: 'default', key: 'a', name: 'a', size: 1, contentType: 'image/png' };
      const { claim } = await ask();
      const { status, body } = await post('/dossiers', 'alice', { file: claim, scan });
      expect([status, body.code, body.field]).toEqual([422, 'FILE_REQUIRED', 'scan']);
    });

    it.each<[string, User | 'nobody', number]>([
      ['/dossiers/direct-uploads', 'nobody', 401],
      ['/dossiers/direct-uploads', 'staff', 403],
      ['/scans/direct-uploads', 'nobody', 401],
      ['/scans/direct-uploads', 'alice', 403],
      ['/dossiers', 'staff', 403],
    ])('asks the guards first: POST %s by %s is answered with %i', async (path, user, status) => {
      const { claim } = await ask();
      expect((await post(path, user, { name: 'a.gif', file: claim })).status).toBe(status);
    });

    it('fails, and keeps the upload, while S3 is out of order', async () => {
      const upload = await ask();
      await send(upload, PDF);
      apps.get(adapter)!.proxy.strike({ kind: 'slow down' });
      const { status } = await post('/dossiers', 'alice', { file: upload.claim });
      apps.get(adapter)!.proxy.heal();
      expect(status).toBe(503);
      expect((await post('/dossiers', 'alice', { file: upload.claim })).status).toBe(201);
    });
  });
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
