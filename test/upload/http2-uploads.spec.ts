import {
  Controller,
  ForbiddenException,
  Post,
  Put,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type INestApplication,
} from '@nestjs/common';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { StagedFile } from '../../lib/file/staged-file.js';
import { PrivateStorageModule } from '../../lib/private-storage.module.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileBodyInterceptor } from '../../lib/upload/private-file-body.interceptor.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { startHttp2 } from '../e2e/http2-app.js';
import { Dossier, eventually } from './upload-app.js';

class NobodyGuard implements CanActivate {
  canActivate(): never {
    throw new ForbiddenException();
  }
}

@Controller()
class DossierController {
  @Put('raw')
  @UseInterceptors(PrivateFileBodyInterceptor(Dossier, 'file'))
  raw(@UploadedFile(PrivateFilePipe) { size }: StagedFile) {
    return { size };
  }

  @Post('form')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  form(@UploadedFile(PrivateFilePipe) { size }: StagedFile) {
    return { size };
  }

  @Post('guarded')
  @UseGuards(NobodyGuard)
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  guarded() {
    return {};
  }
}

const PART = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
const FORM = { 'content-type': 'multipart/form-data; boundary=x' };
const { NGHTTP2_NO_ERROR } = constants;

describe('uploads over HTTP/2', () => {
  const storage = new MemoryStorage();
  let app: INestApplication;
  let url: string;
  let client: ClientHttp2Session;

  beforeAll(async () => {
    const uploads = { discardBytes: 100_000, discardTime: 1_000 };
    const imports = [PrivateStorageModule.forRoot({ storage, uploads })];
    ({ app, url } = await startHttp2({ imports, controllers: [DossierController] }));
    client = connect(url);
  });

  afterAll(async () => {
    client.destroy();
    await app.close();
  });

  /** Sends a body, then goes on with zeros where it has no end. */
  async function send(
    [method, path]: [string, string],
    headers: Record<string, string>,
    body: string,
    isEndless = false,
  ): Promise<{ status: unknown; answer: unknown; code: number }> {
    const head = { ':method': method, ':path': path, ...headers };
    const stream = client.request(head, { endStream: body === '' });
    let status: unknown;
    let text = '';
    stream.on('response', ({ ':status': code }) => (status = code));
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    stream.on('error', () => undefined); // its code is asked for
    const goOn = (): void => {
      while (stream.writable && stream.write(Buffer.alloc(16_384)));
    };
    if (isEndless) stream.on('drain', goOn).write(body);
    else if (body !== '') stream.end(body);
    if (isEndless) goOn();
    await once(stream, 'end');
    await eventually(() => stream.aborted || stream.closed);
    await eventually(() => storage.stagedCount === 0);
    return { status, answer: JSON.parse(text), code: stream.rstCode };
  }

  it.each<[string, [string, string], Record<string, string>, string]>([
    ['a form', ['POST', '/form'], FORM, `${PART}hello\r\n--x--\r\n`],
    ['the file itself', ['PUT', '/raw'], { 'content-type': 'application/octet-stream' }, 'hello'],
    ['a body that nothing is said of', ['PUT', '/raw'], {}, 'hello'],
  ])('take %s', async (_what, route, headers, body) => {
    expect(await send(route, headers, body)).toMatchObject({
      answer: { size: 5 },
      code: NGHTTP2_NO_ERROR,
    });
  });

  it('require a body', async () => {
    expect(await send(['PUT', '/raw'], {}, '')).toMatchObject({ status: 422 });
  });

  it.each<[string, [string, string], Record<string, string>, string, number]>([
    ['a form that is too large', ['POST', '/form'], FORM, PART, 413],
    [
      'a file that is too large',
      ['PUT', '/raw'],
      { 'content-type': 'application/octet-stream' },
      'hello',
      413,
    ],
    ['what a guard refuses', ['POST', '/guarded'], FORM, PART, 403],
  ])('answer, and then end, %s and goes on', async (_what, route, headers, body, status) => {
    expect(await send(route, headers, body, true)).toMatchObject({
      status,
      answer: { statusCode: status },
      code: NGHTTP2_NO_ERROR,
    });
  });

  it('stop reading from a client that sends and does not take its answer', async () => {
    const deaf = connect(url, { settings: { initialWindowSize: 0 } });
    const stream = deaf.request({ ':method': 'PUT', ':path': '/raw' }).on('error', () => undefined);
    const goOn = (): void => {
      while (stream.writable && stream.write(Buffer.alloc(16_384)));
    };
    stream.on('drain', goOn).write('hello');
    goOn();
    await eventually(() => stream.aborted || stream.closed);
    deaf.destroy();
  });
});
