import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { isInstalled } from '../is-installed.js';
import { canTest } from '../programs.js';

/** A MariaDB server of the tests' own, which is for a MySQL to TypeORM. */
export interface MariaDB {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one where MariaDB is installed; otherwise says so, or fails with CI=true. */
export async function startMariaDB(): Promise<MariaDB | undefined> {
  const isThere = isInstalled('mariadbd') && isInstalled('mariadb-install-db');
  return canTest(isThere, 'not installed here: MariaDB') ? start() : undefined;
}

async function start(): Promise<MariaDB> {
  const folder = mkdtempSync(join(tmpdir(), 'mariadb-'));
  const user = unprivileged(folder);
  const place = ['--no-defaults', `--datadir=${join(folder, 'data')}`, ...user];
  const env = { ...process.env, TMPDIR: folder }; // where it begins by removing what another one is using
  execFileSync('mariadb-install-db', [...place, '--auth-root-authentication-method=normal'], {
    env,
  });
  const port = await freePort();
  const settings = [
    ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`],
    ...['--innodb-flush-log-at-trx-commit=0', '--lc-messages=en_US'],
  ];
  const server = spawn('mariadbd', [...place, ...settings], { env });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      output += String(chunk);
      if (output.includes('ready for connections')) resolve();
    });
    server.on('close', (code) => reject(new Error(`MariaDB ended with ${code}: ${output}`)));
  });
  return {
    url: `mysql://root@127.0.0.1:${port}/test`,
    async stop() {
      const exited = once(server, 'exit');
      server.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** MariaDB refuses to be run by root. */
function unprivileged(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'mysql'], { encoding: 'utf8' }));
  chownSync(folder, id('-u'), id('-g'));
  return ['--user=mysql'];
}
