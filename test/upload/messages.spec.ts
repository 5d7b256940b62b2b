import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import type { RefusalMessage } from '../../lib/upload/upload-options.js';
import { ADAPTERS, form, startUploads } from './upload-app.js';

interface LanguageRequest {
  readonly headers: Record<string, string | undefined>;
}

const german: RefusalMessage = ({ code, details }, request) => {
  const { headers } = request as LanguageRequest;
  if (headers['accept-language'] !== 'de') return undefined;
  if (code === 'FILE_REQUIRED') throw new Error('No translation.');
  return `${code}: höchstens ${details.limit} Bytes in „${details.field}“.`;
};

describe.each(ADAPTERS)('the message of a refusal on %s', (adapter) => {
  it.each([
    ['in the language of the request', 'de', 'FILE_TOO_LARGE: höchstens 1024 Bytes in „contract“.'],
    ['as the library has it, where the app has none', 'fr', 'The file may not be larger than 1KB.'],
  ])('is the app’s %s', async (_what, language, message) => {
    const { app, url } = await startUploads(adapter, new MemoryStorage(), { message: german });
    const response = await fetch(`${url}/contract`, {
      method: 'POST',
      headers: { 'accept-language': language },
      body: form([['contract', ['%PDF-1.7\n'.padEnd(2000), 'a.pdf']]]),
    });
    expect(await response.json()).toEqual({
      statusCode: 413,
      error: 'Payload Too Large',
      message,
      code: 'FILE_TOO_LARGE',
      field: 'contract',
      limit: 1024,
    });
    await app.close();
  });

  it('is the library’s when the app’s function throws', async () => {
    const { app, url } = await startUploads(adapter, new MemoryStorage(), { message: german });
    const response = await fetch(`${url}/file`, {
      method: 'POST',
      headers: { 'accept-language': 'de' },
      body: form([['title', 'May']]),
    });
    expect(await response.json()).toMatchObject({
      statusCode: 422,
      message: 'A file is required.',
    });
    await app.close();
  });
});
