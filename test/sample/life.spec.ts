import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile, mkdir } from 'node:fs/promises';
import { request, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { itIf } from '../programs.js';
import { SampleApp } from './sample-app.js';

const MIB = 1024 * 1024;

/** The most memory that a process ever had, in MiB. */
function peakMemory(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function open(url: string, authorization: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { headers: { authorization } }), 'response')) as [
    IncomingMessage,
  ];
  return response;
}

describe('the life of the sample app', () => {
  let app: SampleApp;

  afterEach(() => app.remove());

  it('finishes a running download on SIGTERM and exits with 0', async () => {
    app = await SampleApp.start();
    const folder = join(app.folder, 'private-media', 'board');
    await mkdir(folder, { recursive: true });
    const bytes = randomBytes(32 * MIB);
    await writeFile(join(folder, 'minutes.bin'), bytes);

    const { authorization } = await app.login('root');
    const response = await open(`${app.url}/private-media/board/minutes.bin`, authorization);
    const stopped = app.stop();
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(await stopped).toBe(0);
  });

  it('keeps the database and the files from one start to the next, and makes no accounts twice', async () => {
    app = await SampleApp.start();
    const alice = await app.login('alice');
    const created = await alice.upload('/dossiers', new Blob(['kept']), 'note.txt');
    const { file } = (await created.json()) as { file: { url: string } };
    expect(await app.stop()).toBe(0);
    app = await SampleApp.start({}, app.folder);
    expect(await (await (await app.login('alice')).fetch(file.url)).text()).toBe('kept');
  });

  it('keeps the papers of the board from staff, by key', async () => {
    app = await SampleApp.start();
    for (const folder of ['board', 'open']) {
      await mkdir(join(app.folder, 'private-media', folder), { recursive: true });
      await writeFile(join(app.folder, 'private-media', folder, 'paper.txt'), folder);
    }
    await writeFile(join(app.folder, 'private-invoices', 'one.txt'), 'invoice');
    const statuses = async (username: string): Promise<number[]> => {
      const client = await app.login(username);
      const paths = [
        '/private-media/open/paper.txt',
        '/private-media/board/paper.txt',
        '/private-invoices/one.txt',
      ];
      return Promise.all(paths.map(async (path) => (await client.fetch(path)).status));
    };
    expect(await statuses('root')).toEqual([200, 200, 200]);
    expect(await statuses('staff')).toEqual([200, 403, 403]);
    expect(await statuses('alice')).toEqual([403, 403, 403]);
  });

  const onLinux = itIf(existsSync('/proc/self/status'), 'no /proc, for memory');

  onLinux.each(['express', 'fastify'])(
    'stays below 200 MiB while 1 GiB comes in and goes out on %s',
    async (adapter) => {
      app = await SampleApp.start({ HTTP_ADAPTER: adapter, MAX_FILE_SIZE: String(2 * 1024 * MIB) });
      const { authorization } = await app.login('alice');
      const block = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(MIB - 9)]);
      const sent = createHash('sha256');
      const upload = request(`${app.url}/dossiers`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'multipart/form-data; boundary=b' },
      });
      const answered = once(upload, 'response') as Promise<[IncomingMessage]>;
      upload.write(
        '--b\r\nContent-Disposition: form-data; name="file"; filename="big.pdf"\r\n\r\n',
      );
      for (let count = 0; count < 1024; count++) {
        sent.update(block);
        if (!upload.write(block)) await once(upload, 'drain');
      }
      upload.end('\r\n--b--\r\n');
      const [response] = await answered;
      let body = '';
      for await (const chunk of response) body += String(chunk);
      const { file } = JSON.parse(body) as { file: { url: string; size: number } };
      expect([response.statusCode, file.size]).toEqual([201, 1024 * MIB]);

      const received = createHash('sha256');
      for await (const chunk of await open(app.url + file.url, authorization))
        received.update(chunk as Buffer);
      expect(received.digest('hex')).toBe(sent.digest('hex'));
      expect(peakMemory(app.process.pid)).toBeLessThan(200);
    },
  );
});
