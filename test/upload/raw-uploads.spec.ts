import { Body, Controller, Put, UploadedFile, UseInterceptors } from '@nestjs/common';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { StagedFile } from '../../lib/file/staged-file.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileBodyInterceptor } from '../../lib/upload/private-file-body.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { ADAPTERS, Dossier, eventually, startUploads, type UploadApp } from './upload-app.js';

@Controller()
class RawController {
  @Put('contract')
  @UseInterceptors(PrivateFileBodyInterceptor(Dossier, 'contract'))
  put(
    @UploadedFile(PrivateFilePipe) { name, size, contentType }: StagedFile,
    @Body() body: unknown,
  ) {
    return { name, size, contentType, body };
  }
}

describe.each(ADAPTERS)('a body that is the file itself on %s', (adapter) => {
  const storage = new MemoryStorage();
  let app: UploadApp;

  beforeAll(async () => {
    app = await startUploads(adapter, storage, {}, [RawController]);
  });
  afterAll(() => app.app.close());

  async function put(body: string | FormData | undefined, headers: Record<string, string> = {}) {
    const response = await fetch(`${app.url}/contract`, { method: 'PUT', body, headers });
    return { status: response.status, body: await response.json() };
  }

  it.each([
    ['application/pdf', `attachment; filename="a.pdf"; filename*=UTF-8''%E2%82%AC.pdf`, '€.pdf'],
    ['application/octet-stream', 'attachment; filename="C:\\may.pdf"', 'may.pdf'],
    ['image/png', 'inline', 'file'],
  ])('is taken as %s, %s', async (contentType, disposition, name) => {
    const answer = await put('%PDF-1.7\n', {
      'content-type': contentType,
      'content-disposition': disposition,
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { name, size: 9, contentType: 'application/pdf' },
    });
    await eventually(() => storage.stagedCount === 0);
  });

  it.each([
    [
      'of another type',
      'hello',
      { 'content-type': 'application/pdf' },
      415,
      'FILE_TYPE_NOT_SUPPORTED',
    ],
    [
      'too large',
      '%PDF-1.7\n'.padEnd(1025),
      { 'content-type': 'application/pdf' },
      413,
      'FILE_TOO_LARGE',
    ],
    ['a form', new FormData(), {}, 400, 'MALFORMED_UPLOAD'],
    ['missing', undefined, {}, 422, 'FILE_REQUIRED'],
    [
      'named in no known way',
      '%PDF-1.7\n',
      { 'content-type': 'application/pdf', 'content-disposition': ';;' },
      400,
      'MALFORMED_UPLOAD',
    ],
    [
      'parsed by the app as JSON',
      '{}',
      { 'content-type': 'application/json' },
      415,
      'FILE_TYPE_NOT_SUPPORTED',
    ],
    [
      'a part of a file',
      '%PDF-1.7\n',
      { 'content-type': 'application/pdf', 'content-range': 'bytes 11-19/20' },
      400,
      'MALFORMED_UPLOAD',
    ],
    [
      'a file in a coding',
      '%PDF-1.7\n',
      { 'content-type': 'application/pdf', 'content-encoding': 'gzip' },
      415,
      'FILE_TYPE_NOT_SUPPORTED',
    ],
  ])('is refused when it is %s', async (_why, body, headers, status, code) => {
    expect(await put(body, headers as Record<string, string>)).toMatchObject({
      status,
      body: { code },
    });
    await eventually(() => storage.stagedCount === 0);
  });

  it('is refused in a coding that Node leaves on it', async () => {
    const { hostname, port } = new URL(app.url);
    const headers = { 'content-type': 'application/pdf', 'transfer-encoding': 'gzip, chunked' };
    const path = '/contract';
    const sent = request({ hostname, port, path, method: 'PUT', headers }).end('%PDF-1.7\n');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(415);
    await eventually(() => storage.stagedCount === 0);
  });

  it('may say that it is in no coding', async () => {
    const headers = { 'content-type': 'application/pdf', 'content-encoding': 'Identity' };
    expect(await put('%PDF-1.7\n', headers)).toMatchObject({ status: 200, body: { size: 9 } });
  });

  it('is refused at the byte when its length is unknown', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('%PDF-1.7\n'));
        controller.enqueue(Buffer.alloc(100_000));
        controller.close();
      },
    });
    const init = {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/pdf' },
      duplex: 'half',
    };
    const response = await fetch(`${app.url}/contract`, init as RequestInit);
    expect(await response.json()).toMatchObject({
      statusCode: 413,
      code: 'FILE_TOO_LARGE',
      field: 'contract',
      limit: 1024,
    });
  });

  it('leaves nothing when it is broken off', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(
      'PUT /contract HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 1000\r\n\r\n%PDF-1.7\n',
    );
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await eventually(() => storage.stagedCount === 0);
  });
});
