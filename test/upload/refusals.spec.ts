import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { ADAPTERS, closeAtOnce, eventually, startUploads, type UploadApp } from './upload-app.js';

const MEGABYTE = 1024 * 1024;
const HEAD = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n';
const MULTIPART = 'multipart/form-data; boundary=b';

/** A form with one file that goes on and on. */
function endlessForm(megabytes: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent === 0) controller.enqueue(Buffer.from(HEAD));
      controller.enqueue(Buffer.alloc(MEGABYTE, 1));
      if (++sent === megabytes) controller.close();
    },
  });
}

describe.each(ADAPTERS)('a refusal on %s', (adapter) => {
  const storage = new MemoryStorage();
  let app: UploadApp;
  let folder: string;

  beforeAll(async () => {
    app = await startUploads(adapter, storage, { discardBytes: '2mb', discardTime: 60_000 });
    folder = await mkdtemp(join(tmpdir(), 'refusals-'));
    await writeFile(join(folder, 'large.bin'), Buffer.alloc(64 * MEGABYTE, 1));
  });
  afterAll(async () => {
    await closeAtOnce(app);
    await rm(folder, { recursive: true });
  });

  /** Sends raw bytes and returns all that comes back until the connection ends. */
  function exchange(url: string, ...chunks: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      let answer = '';
      socket
        .on('data', (data) => (answer += data.toString()))
        .on('end', () => resolve(answer))
        .on('error', reject);
      for (const chunk of chunks) socket.write(chunk);
    });
  }

  it.each([1, 3, 64])(
    'in the middle of %d MiB of unknown length reaches fetch',
    async (megabytes) => {
      const init = {
        method: 'POST',
        headers: { 'content-type': MULTIPART },
        body: endlessForm(megabytes),
        duplex: 'half',
      };
      const response = await fetch(`${app.url}/file`, init as RequestInit);
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({
        code: 'FILE_TOO_LARGE',
        field: 'file',
        limit: 102_400,
      });
      await eventually(() => storage.stagedCount === 0);
    },
  );

  it('before anything was read, by Content-Length, reaches fetch', async () => {
    const response = await fetch(`${app.url}/file`, {
      method: 'POST',
      headers: { 'content-type': MULTIPART },
      body: Buffer.alloc(64 * MEGABYTE),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'FILE_TOO_LARGE', field: 'file' });
  });

  it.each([
    ['with Content-Length', []],
    ['in chunks', ['-H', 'Transfer-Encoding: chunked']],
    ['without asking first', ['-H', 'Expect:']],
  ])('reaches curl that sends %s', async (_how, options) => {
    const args = [
      '-sS',
      '-w',
      '\n%{http_code}',
      ...options,
      '-F',
      `file=@${join(folder, 'large.bin')}`,
      `${app.url}/file`,
    ];
    const { stdout } = await promisify(execFile)('curl', args);
    expect(stdout).toMatch(/_TOO_LARGE.*\n413$/);
  });

  it('leaves no connection behind that a client keeps open', async () => {
    const hasty = await startUploads(adapter, storage, { discardTime: 500 });
    const answer = await exchange(
      hasty.url,
      `POST /file HTTP/1.1\r\nHost: x\r\nContent-Type: ${MULTIPART}\r\nContent-Length: 1000000000\r\n\r\n`,
    );
    await hasty.app.close();
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\n[^]*connection: close/i);
  });

  it('comes when a client sends nothing for too long', async () => {
    const hasty = await startUploads(adapter, storage, { idleTimeout: 200, discardTime: 500 });
    const answer = await exchange(
      hasty.url,
      `POST /file HTTP/1.1\r\nHost: x\r\nContent-Type: ${MULTIPART}\r\nContent-Length: 1000\r\n\r\n`,
      HEAD,
    );
    await hasty.app.close();
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"UPLOAD_TIMED_OUT"/);
    await eventually(() => storage.stagedCount === 0);
  });
});
