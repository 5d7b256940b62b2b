import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { ADAPTERS, eventually, form, startUploads, type UploadApp } from './upload-app.js';

const PDF = '%PDF-1.7\n1 0 obj\n';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAHCAYAAAAxrNxjAAAAEUlEQVR42mNkYPhfz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
  'base64',
);

describe.each(ADAPTERS)('an upload on %s', (adapter) => {
  const storage = new MemoryStorage();
  let app: UploadApp;

  beforeAll(async () => {
    app = await startUploads(adapter, storage);
  });
  afterAll(() => app.app.close());

  async function post(path: string, body: FormData) {
    const response = await fetch(`${app.url}/${path}`, { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  }

  it('reaches the handler with what was found in its bytes', async () => {
    const bytes = 'a;b\n1;2\n';
    const { status, body } = await post(
      'file',
      form([
        ['title', 'May'],
        ['file', [bytes, 'Übersicht.csv']],
        ['tag', 'x'],
        ['tag', 'y'],
        ['a[b]', 'c'],
      ]),
    );
    expect(status).toBe(201);
    expect(body).toEqual({
      name: 'Übersicht.csv',
      size: 8,
      contentType: 'text/csv',
      checksum: createHash('sha256').update(bytes).digest('hex'),
      key: 'dossiers/Übersicht.csv',
      body: { title: 'May', tag: ['x', 'y'], 'a[b]': 'c' },
    });
  });

  it('is required by the pipe, or not', async () => {
    expect(await post('file', form([['title', 'May']]))).toMatchObject({
      status: 422,
      body: { code: 'FILE_REQUIRED' },
    });
    expect(await post('optional', form([['title', 'May']]))).toEqual({
      status: 201,
      body: { file: null, body: { title: 'May' } },
    });
  });

  it('may be several files, of which each field checks its own', async () => {
    const { status, body } = await post(
      'several',
      form([
        ['scan', [PNG, 'a.png']],
        ['contract', [PDF, 'b.pdf']],
      ]),
    );
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        contract: { contentType: 'application/pdf' },
        scan: { contentType: 'image/png', width: 10, height: 7 },
      },
    });
  });

  it.each([
    [
      'of a wrong type',
      'contract',
      form([['contract', ['<html>', 'a.pdf']]]),
      415,
      { code: 'FILE_TYPE_NOT_SUPPORTED', field: 'contract', contentType: 'text/html' },
    ],
    [
      'too large',
      'contract',
      form([['contract', [PDF.padEnd(2000), 'a.pdf']]]),
      413,
      { code: 'FILE_TOO_LARGE', field: 'contract', limit: 1024 },
    ],
    [
      'under another name',
      'contract',
      form([['nothing', [PDF, 'a.pdf']]]),
      422,
      { code: 'UNEXPECTED_FILE', field: 'nothing' },
    ],
    [
      'twice',
      'several',
      form([
        ['contract', [PDF, 'a.pdf']],
        ['contract', [PDF, 'a.pdf']],
      ]),
      422,
      { code: 'TOO_MANY_FILES', field: 'contract' },
    ],
    [
      'missing where another came',
      'several',
      form([['scan', [PNG, 'a.png']]]),
      422,
      { code: 'FILE_REQUIRED', field: 'contract' },
    ],
    [
      'no image',
      'several',
      form([
        ['contract', [PDF, 'a.pdf']],
        ['scan', ['GIF89a', 'a.gif']],
      ]),
      422,
      { code: 'IMAGE_NOT_READABLE', field: 'scan' },
    ],
  ] as const)(
    'is refused when it is %s, and leaves nothing',
    async (_why, path, body, status, refusal) => {
      expect(await post(path, body)).toMatchObject({ status, body: refusal });
      await eventually(() => storage.stagedCount === 0);
    },
  );
});

describe.each(ADAPTERS)('what comes before an upload on %s', (adapter) => {
  it('may have paused it', async () => {
    const pause = (request: IncomingMessage, _response: unknown, next: () => void): void => {
      request.pause();
      setImmediate(next);
    };
    const { app, url } = await startUploads(adapter, new MemoryStorage(), {}, undefined, (nest) =>
      nest.use(pause),
    );
    const body = form([['file', ['hello', 'a.txt']]]);
    const response = await fetch(`${url}/file`, { method: 'POST', body });
    expect(response.status).toBe(201);
    await app.close();
  });

  it('and after the file in its form may be as long as it is allowed to be', async () => {
    const uploads = { maxFields: 0, maxHeaderSize: '80b' };
    const { app, url } = await startUploads(adapter, new MemoryStorage(), uploads);
    const boundary = 'b'.repeat(70); // as RFC 2046 lets it be
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="contract"; filename="a.pdf"`;
    const body = `${head}\r\n\r\n${PDF.padEnd(1024)}\r\n--${boundary}--\r\n`;
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const response = await fetch(`${url}/contract`, { method: 'POST', headers, body });
    expect(response.status).toBe(201);
    await app.close();
  });
});
