import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleApp } from '../sample/sample-app.js';
import {
  describeBehind,
  processesOf,
  PROGRAMS,
  putFile,
  startBehind,
  type WebServerName,
} from './site.js';

const LAUNCHER = 'dist/sample-app/web-server/main.js';

/** Runs the launcher until it ends; for one that cannot start. */
async function ended(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'launcher-'));
  const launcher = spawn(process.execPath, [LAUNCHER, ...args], {
    env: { ...process.env, PORT: '0', DATA_DIR: folder, ...env },
  });
  let output = '';
  for (const stream of [launcher.stdout, launcher.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  }
  const [code] = (await once(launcher, 'close')) as [number | null];
  await rm(folder, { recursive: true, force: true });
  return { code, output };
}

for (const server of Object.keys(PROGRAMS) as WebServerName[]) {
  describeBehind(server)(`${server} in front of the sample`, () => {
    let site: SampleApp;

    beforeEach(async () => {
      site = await startBehind(server);
    });

    afterEach(() => site.remove());

    it('finishes a running download on SIGTERM, and exits with 0', async () => {
      const bytes = randomBytes(32 * 1024 * 1024);
      await putFile(site, 'board/minutes.bin', bytes);
      const { authorization } = await site.login('root');
      const request = get(`${site.url}/private-media/board/minutes.bin`, {
        headers: { authorization },
        agent: false,
      });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const stopped = site.stop();
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      expect(await stopped).toBe(0);
      await expect(fetch(site.url)).rejects.toThrow();
    });

    it.each([
      ['app', 0],
      ['web server', 1],
    ])(
      'ends with an error, and leaves nothing running, when the %s is killed',
      async (_, index) => {
        const pids = Object.values(await processesOf(site));
        expect(pids).toHaveLength(2);
        const closed = once(site.process, 'close'); // it may have ended before all is read that it said
        process.kill(pids[index] ?? 0, 'SIGKILL');
        expect(await closed).toEqual([1, null]);
        expect(site.output()).toMatch(/ended by itself: SIGKILL/);
        for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
        await expect(fetch(site.url)).rejects.toThrow();
      },
    );
  });
}

describe('the launcher of a web server', () => {
  it('says which package is missing', async () => {
    const { code, output } = await ended(['caddy'], { PATH: '/nowhere' });
    expect([code, output]).toEqual([
      1,
      'caddy is not installed; on Debian: apt-get install caddy\n',
    ]);
  });

  it('says which servers there are', async () => {
    const { code, output } = await ended(['iis']);
    expect([code, output]).toEqual([
      1,
      'Name the web server to start: nginx, apache, lighttpd, caddy.\n',
    ]);
  });
});

describeBehind('nginx')('the launcher on a port that is taken', () => {
  it('says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, output } = await ended(['nginx'], { PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(output).toContain(`Nothing can listen on port ${port} of 127.0.0.1`);
  });
});
