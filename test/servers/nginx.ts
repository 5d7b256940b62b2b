import { serverConfig, type ServerSiteStorage } from 'nestjs-private-storage';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../free-port.js';

const user = process.getuid?.() === 0 ? 'user root;' : '';

/** An nginx with the printed configuration, in a folder of its own. */
export interface Nginx {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startNginx(
  upstream: string,
  storages: readonly ServerSiteStorage[],
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const listen = `127.0.0.1:${await freePort()}`;
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${name};`,
  );
  const text = `${user} daemon off; pid nginx.pid; events {}
    http { access_log off; ${paths.join(' ')} ${serverConfig('nginx', { listen, upstream, storages })} }`;
  writeFileSync(join(folder, 'nginx.conf'), text);
  const env = { ...process.env, PATH: `${process.env.PATH}${delimiter}/usr/sbin` };
  const program = spawn('nginx', ['-p', folder, '-e', 'error.log', '-c', 'nginx.conf'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(program, 'exit');
  const url = `http://${listen}`;
  while (!(await answers(url))) if (program.exitCode !== null) throw new Error('nginx ended.');
  return {
    url,
    async stop() {
      program.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).body?.cancel();
    return true;
  } catch {
    return false;
  }
}
