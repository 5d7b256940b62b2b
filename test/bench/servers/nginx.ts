import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverConfig } from 'nestjs-private-storage';

/** The version of the nginx that is installed, if one is. */
export function nginxVersion(): string | undefined {
  const { error, stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return error ? undefined : /nginx\/(\S+)/.exec(stderr)?.[1];
}

/** Prepares an nginx that sends the files below `root` to everybody, and keeps what is its own in `folder`. */
export async function prepareNginx(
  folder: string,
  root: string,
): Promise<{ args: string[]; url: string }> {
  const port = await freePort();
  const args = writeConfiguration(
    folder,
    `server {
        listen 127.0.0.1:${port};
        root ${root};
        default_type application/pdf;
        add_header Content-Disposition attachment;
        add_header Cache-Control "private, no-cache";
      }`,
  );
  return { args, url: `http://127.0.0.1:${port}` };
}

/** Starts an nginx in front of the app at `upstream`, as the library says it should be configured; returns its URL. */
export async function startNginxBefore(
  upstream: string,
  folder: string,
  root: string,
): Promise<string> {
  const listen = `127.0.0.1:${await freePort()}`;
  const storages = [{ name: 'default', root }];
  const args = writeConfiguration(folder, serverConfig('nginx', { listen, upstream, storages }));
  const nginx = spawn('nginx', args, { stdio: 'inherit' });
  process.once('SIGTERM', () => nginx.once('exit', () => process.exit()).kill());
  while (!(await fetch(`http://${listen}`).catch(() => undefined))) await sleep(20);
  return `http://${listen}`;
}

/** Returns the arguments to start nginx with. */
function writeConfiguration(folder: string, site: string): string[] {
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(configuration, mainConf(folder, site));
  return ['-p', folder, '-c', configuration];
}

/** One worker, as Node is one process; everything is written to `folder`. */
function mainConf(folder: string, site: string): string {
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events { worker_connections 1024; }
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      keepalive_requests 100000000;
      client_body_temp_path ${folder};
      ${site}
    }`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
