import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';

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
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(configuration, nginxConf(folder, root, port));
  return { args: ['-p', folder, '-c', configuration], url: `http://127.0.0.1:${port}` };
}

function nginxConf(folder: string, root: string, port: number): string {
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
      server {
        listen 127.0.0.1:${port};
        root ${root};
        default_type application/pdf;
        add_header Content-Disposition attachment;
        add_header Cache-Control "private, no-cache";
      }
    }`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
