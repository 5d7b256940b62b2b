import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describeIf } from '../programs.js';
import { SampleApp } from './sample-app.js';

const MIB = 1024 * 1024;
const MULTIPART = 'multipart/form-data; boundary=b';
const FILE = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
const END = '\r\n--b--\r\n';
const part = (headers: string, value = 'x'): string => `--b\r\n${headers}\r\n\r\n${value}\r\n`;
const text = (name: string): string => part(`Content-Disposition: form-data; name="${name}"`);

/** Each is answered with a 4xx. */
const HOSTILE: readonly [body: string | Buffer, contentType?: string][] = [
  [FILE + 'x' + END, 'multipart/form-data'],
  [FILE + 'x' + END, 'multipart/form-data; boundary=other'],
  [''],
  [FILE],
  [`${FILE}${'x'.repeat(100_000)}`],
  [text('x').repeat(10_000) + END],
  [text('__proto__') + END],
  [text('x'.repeat(5000)) + END],
  [part(`X: ${'x'.repeat(20_000)}`) + END],
  [part('Content-Disposition: attachment') + END],
  [Buffer.concat([Buffer.from(FILE), Buffer.alloc(300_000), Buffer.from(END)])],
  [`${FILE}<!DOCTYPE html><script>alert(1)</script>${END}`],
  [part('Content-Disposition: form-data; name="other"; filename="a.txt"') + END],
];

/** `VmRSS` is what a process holds, `VmHWM` the most it ever held; in MiB. */
function memory(app: SampleApp, figure: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${app.process.pid}/status`, 'utf8');
  return Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

function descriptors(app: SampleApp): number {
  return readdirSync(`/proc/${app.process.pid}/fd`).length;
}

const onLinux = describeIf(existsSync('/proc/self/status'), 'no /proc, for memory and descriptors');

onLinux.each(['express', 'fastify'])('what uploads cost on %s', (adapter) => {
  let app: SampleApp;
  let authorization: string;

  beforeAll(async () => {
    app = await SampleApp.start({
      HTTP_ADAPTER: adapter,
      MAX_FILE_SIZE: String(1024 * MIB),
      // What is not freed shows: with more room it is not collected at all.
      NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=4',
    });
    ({ authorization } = await app.login('alice'));
  });
  afterAll(() => app.remove());

  const head = (contentType = MULTIPART): Record<string, string> => ({
    authorization,
    'content-type': contentType,
  });

  /** Answered requests, each on a connection of its own, and every tenth broken off. */
  async function attack(count: number): Promise<number[]> {
    const agent = new Agent({ keepAlive: false });
    const statuses: number[] = [];
    for (let sent = 0; sent < count; sent++) {
      if (sent % 10 === 0) await breakOff();
      const [body, contentType] = HOSTILE[sent % HOSTILE.length] ?? [''];
      const hostile = request(`${app.url}/dossiers`, {
        method: 'POST',
        agent,
        headers: { ...head(contentType), 'content-length': Buffer.byteLength(body) },
      });
      hostile.end(body);
      const [response] = (await once(hostile, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'close');
      statuses.push(response.statusCode ?? 0);
    }
    return statuses;
  }

  async function breakOff(): Promise<void> {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    const lines = Object.entries({ ...head(), 'content-length': '1000000' });
    socket.write(
      `POST /dossiers HTTP/1.1\r\nhost: x\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    await new Promise<void>((resolve) => socket.write(FILE + 'x'.repeat(600_000), () => resolve()));
    socket.destroy();
  }

  async function upload(mebibytes: number): Promise<void> {
    const block = Buffer.alloc(MIB, 'x');
    const sent = request(`${app.url}/dossiers`, { method: 'POST', headers: head() });
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.write(FILE);
    for (let count = 0; count < mebibytes; count++) {
      if (!sent.write(block)) await once(sent, 'drain');
    }
    sent.end(END);
    const [response] = await answered;
    response.resume();
    expect(response.statusCode).toBe(201);
  }

  /** Uploads until the process has grown to the size that it needs. */
  async function memoryOfSmallUploads(): Promise<number> {
    for (let before = 0; ;) {
      await upload(32);
      const now = memory(app, 'VmHWM');
      if (now - before < 1) return now;
      before = now;
    }
  }

  it('is no more memory for 512 MiB than for 32', async () => {
    const before = await memoryOfSmallUploads();
    await upload(512);
    expect(memory(app, 'VmHWM') - before).toBeLessThan(24);
  });

  it('is nothing that stays, after 2,000 hostile requests', async () => {
    const files = await app.files();
    await attack(300);
    const open = descriptors(app);
    const held = memory(app, 'VmRSS');
    const statuses = await attack(2000);
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    let left = await app.files();
    while (descriptors(app) > open || left.length > files.length) left = await app.files();
    expect(left.sort()).toEqual(files.sort());
    expect(memory(app, 'VmRSS') - held).toBeLessThan(24);
  });
});
