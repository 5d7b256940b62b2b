import fc from 'fast-check';
import { connect, type Socket } from 'node:net';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { ADAPTERS, eventually, startUploads, type UploadApp } from './upload-app.js';

const MULTIPART = 'multipart/form-data; boundary=b';
const FILE =
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n';
const END = '--b--\r\n';

function part(name: string, value = 'x', more = ''): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
}

function text(value: string, contentType: string): string {
  return part('x', value).replace('\r\n\r\n', `\r\nContent-Type: ${contentType}\r\n\r\n`);
}

describe.each(ADAPTERS)('multipart on %s', (adapter) => {
  const storage = new MemoryStorage();
  let app: UploadApp;

  beforeAll(async () => {
    app = await startUploads(adapter, storage, {
      maxFields: 20,
      maxFieldSize: 100,
      maxFieldNameSize: 50,
      maxHeaderSize: '1kb',
    });
  });
  afterAll(() => app.app.close());

  async function post(body: string | Buffer, contentType = MULTIPART) {
    const response = await fetch(`${app.url}/optional`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: new Uint8Array(Buffer.from(body)),
    });
    return { status: response.status, body: await response.json() };
  }

  function open(head: string): Socket {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /optional HTTP/1.1\r\nHost: x\r\nContent-Type: ${MULTIPART}\r\n${head}\r\n\r\n`,
    );
    return socket;
  }

  it.each([
    ['no boundary', FILE + END, 'multipart/form-data', 400, 'MALFORMED_UPLOAD'],
    [
      'a boundary that is not in it',
      FILE + END,
      'multipart/form-data; boundary=other',
      400,
      'MALFORMED_UPLOAD',
    ],
    ['nothing in it', '', MULTIPART, 400, 'MALFORMED_UPLOAD'],
    [
      'text in no charset',
      text('x', 'text/plain; charset=klingon') + END,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    ['its end missing', FILE, MULTIPART, 400, 'MALFORMED_UPLOAD'],
    ['its end missing in a file', FILE.slice(0, -5), MULTIPART, 400, 'MALFORMED_UPLOAD'],
    ['its end missing in a header', FILE + FILE.slice(0, 20), MULTIPART, 400, 'MALFORMED_UPLOAD'],
    [
      'headers without an end',
      `${FILE}--b\r\nContent-Disposition: form-data; name="x"\r\n${END}`,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    [
      'a boundary of no ASCII',
      FILE + END,
      `multipart/form-data; boundary=${'é'.repeat(150)}`,
      400,
      'MALFORMED_UPLOAD',
    ],
    ['a part without headers', `--b\r\n\r\nx\r\n${END}`, MULTIPART, 400, 'MALFORMED_UPLOAD'],
    [
      'a part without a name',
      `--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n${END}`,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    [
      'an attachment',
      `--b\r\nContent-Disposition: attachment; name="x"\r\n\r\nx\r\n${END}`,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    ['a NUL in a name', part('a\0b') + END, MULTIPART, 400, 'MALFORMED_UPLOAD'],
    [
      'a NUL in a file name',
      part('file', 'x', '; filename="a\0b"') + END,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    [
      'huge headers',
      `--b\r\nX: ${'x'.repeat(5000)}\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n${END}`,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    [
      'headers huge after those that count',
      part('x', 'x', `\r\nX: ${'x'.repeat(5000)}`) + END,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    ['a field called __proto__', part('__proto__') + END, MULTIPART, 400, 'MALFORMED_UPLOAD'],
    ['a field called constructor', part('constructor') + END, MULTIPART, 400, 'MALFORMED_UPLOAD'],
    ['a field with a huge name', part('x'.repeat(60)) + END, MULTIPART, 413, 'FIELD_TOO_LARGE'],
    ['a huge field', part('x', 'x'.repeat(101)) + END, MULTIPART, 413, 'FIELD_TOO_LARGE'],
    [
      'more fields than a legal form can be long',
      part('x').repeat(10_000) + END,
      MULTIPART,
      413,
      'FILE_TOO_LARGE',
    ],
    ['too many fields', part('x').repeat(21) + END, MULTIPART, 413, 'TOO_MANY_FIELDS'],
    [
      'too many empty files',
      part('x', '', '; filename=""').repeat(21) + END,
      MULTIPART,
      413,
      'TOO_MANY_FIELDS',
    ],
    [
      'too many empty files for one field',
      part('file', '', '; filename=""').repeat(22) + END,
      MULTIPART,
      413,
      'TOO_MANY_FIELDS',
    ],
    [
      'a file without a name',
      part('file', 'x', '; filename=""') + END,
      MULTIPART,
      400,
      'MALFORMED_UPLOAD',
    ],
    ['text for a file', part('file') + END, MULTIPART, 422, 'FILE_REQUIRED'],
    [
      'fields after a file, one too large',
      FILE + part('x', 'x'.repeat(101)) + END,
      MULTIPART,
      413,
      'FIELD_TOO_LARGE',
    ],
  ])('with %s is refused', async (_what, body, contentType, status, code) => {
    expect(await post(body, contentType)).toMatchObject({ status, body: { code } });
    await eventually(() => storage.stagedCount === 0);
  });

  it('with many parts whose headers have no end is refused at the second', async () => {
    expect(await post('\r\n--b'.repeat(20_000))).toMatchObject({
      status: 400,
      body: { message: 'A part of the upload has no end to its headers.' },
    });
  });

  it('with 10,000 parts is refused at the first too many', async () => {
    const body = new Uint8Array(Buffer.from(part('x').repeat(10_000) + END));
    const headers = { 'content-type': MULTIPART };
    const response = await fetch(`${app.url}/archive`, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ code: 'TOO_MANY_FIELDS', limit: 20 });
  });

  it.each([
    ['fields after the file', FILE + part('x') + END, { file: { size: 5 }, body: { x: 'x' } }],
    [
      'a file of no bytes',
      part('file', '', '; filename="a.txt"') + END,
      { file: { size: 0, contentType: 'text/plain' } },
    ],
    ['no file chosen', part('file', '', '; filename=""') + END, { file: null }],
    ['an empty text for no file', part('file', '') + END, { file: null, body: {} }],
    [
      'as many fields as there may be and no file chosen',
      part('x').repeat(20) + part('file', '', '; filename=""') + END,
      { file: null, body: { x: Array<string>(20).fill('x') } },
    ],
    ['something before and after it', `before\r\n${FILE}${END}after`, { file: { size: 5 } }],
    ['nothing but an end', END, { file: null, body: {} }],
    [
      'a path for a name',
      part('file', 'x', '; filename="..\\..\\etc/pass\u0000wd.txt"').replace('\0', '') + END,
      { file: { name: 'passwd.txt' } },
    ],
    [
      'a Windows path',
      part('file', 'x', '; filename="C:\\may\\new.txt"') + END,
      { file: { name: 'new.txt' } },
    ],
    [
      'a UTF-8 name',
      part('file', 'x', '; filename="Heizölrückstoß.txt"') + END,
      { file: { name: 'Heizölrückstoß.txt' } },
    ],
    [
      'a latin1 name',
      Buffer.from(part('file', 'x', '; filename="Heizöl.txt"') + END, 'latin1'),
      { file: { name: 'Heizöl.txt' } },
    ],
    [
      'filename*',
      part('file', 'x', `; filename="a.txt"; filename*=UTF-8''%e2%82%ac.txt`) + END,
      { file: { name: '€.txt' } },
    ],
    [
      'a quotation mark',
      part('file', 'x', '; filename="a%22b.txt"') + END,
      { file: { name: 'a"b.txt' } },
    ],
    [
      'text in a charset of its own',
      Buffer.from(text('Müller', 'text/plain; charset="ISO-8859-1"') + END, 'latin1'),
      { body: { x: 'Müller' } },
    ],
    ['text of a type alone', text('Müller', 'text/plain') + END, { body: { x: 'Müller' } }],
    ['a name that objects have', part('toString') + END, { file: null, body: { toString: 'x' } }],
  ])('with %s is taken', async (_what, body, answer) => {
    expect(await post(body)).toMatchObject({ status: 201, body: answer });
  });

  it('means the same wherever the network cuts it', async () => {
    const body =
      part('x', 'y\r\n--c') +
      part('file', 'bytes\r\n--\r\n-b', '; filename="a.txt"') +
      part('x', 'z') +
      END;
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: body.length - 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, async (positions) => {
        const sorted = [0, ...positions.sort((a, b) => a - b), body.length];
        const stream = new ReadableStream<Uint8Array>({
          async start(controller) {
            for (const [index, start] of sorted.slice(0, -1).entries()) {
              controller.enqueue(Buffer.from(body.slice(start, sorted[index + 1])));
              await new Promise((resolve) => setImmediate(resolve));
            }
            controller.close();
          },
        });
        const init = {
          method: 'POST',
          headers: { 'content-type': MULTIPART },
          body: stream,
          duplex: 'half',
        };
        const response = await fetch(`${app.url}/optional`, init as RequestInit);
        expect(await response.json()).toMatchObject({
          file: { size: 13 },
          body: { x: ['y\r\n--c', 'z'] },
        });
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['in a file', 'Content-Length: 1000', FILE.slice(0, -3)],
    ['in a header', 'Content-Length: 1000', FILE.slice(0, 30)],
    [
      'in a chunked body',
      'Transfer-Encoding: chunked',
      `${FILE.length.toString(16)}\r\n${FILE}\r\n`,
    ],
    ['with no bytes at all', 'Content-Length: 1000', ''],
  ])('broken off %s leaves nothing', async (_where, head, body) => {
    const socket = open(head);
    await new Promise<void>((resolve) => socket.write(body, () => resolve()));
    if (body.length > 100) await eventually(() => true);
    socket.destroy();
    await eventually(() => storage.stagedCount === 0);
    expect((await post(FILE + END)).status).toBe(201);
  });
});
