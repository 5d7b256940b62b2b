import { createHash } from 'node:crypto';
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
