import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { Controller, Post, Req, UseGuards } from '@nestjs/common';
import { isFastify, serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { clientConfig, readS3Settings } from './s3-settings.js';
import { readSettings } from './settings.js';

const { adapter } = readSettings();
const settings = readS3Settings();
const client = new S3Client(clientConfig(settings));

/** What people write today: the form is parsed by hand, and the file handed on to the SDK. */
@Controller('dossiers')
@UseGuards(LoginGuard, StaffGuard)
class DossierController {
  @Post()
  async create(@Req() request: IncomingMessage | { raw: IncomingMessage }) {
    const raw = 'raw' in request ? request.raw : request;
    const form = new Busboy({ headers: raw.headers as BusboyHeaders });
    let title = '';
    let sent = Promise.resolve(0);
    form.on('field', (_name, value) => (title = value));
    form.on('file', (_name, file) => {
      sent = send(file);
    });
    const finished = once(form, 'finish');
    raw.pipe(form);
    await finished;
    return { title, size: await sent };
  }
}

async function send(file: Readable): Promise<number> {
  const target = { Bucket: settings.bucket, Key: `uploads/${randomUUID()}` };
  if (settings.rival === 'PutObject') {
    const Body = await buffer(file); // S3 wants to know the size before
    await client.send(new PutObjectCommand({ ...target, Body }));
    return Body.length;
  }
  const upload = new Upload({ client, params: { ...target, Body: file } });
  let size = 0;
  upload.on('httpUploadProgress', ({ loaded = 0 }) => (size = Math.max(size, loaded)));
  await upload.done();
  return size;
}

await serve(
  adapter,
  { controllers: [DossierController] },
  {
    prepare: (app) => {
      if (!isFastify(app)) return;
      const fastify = app.getHttpAdapter().getInstance();
      fastify.addContentTypeParser('multipart/form-data', (_request, _body, done) => done(null));
    },
  },
);
