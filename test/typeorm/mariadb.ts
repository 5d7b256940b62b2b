import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { isInstalled } from '../is-installed.js';
import { folderFor, whenReady, type DatabaseServer } from './database-server.js';

export function hasMariaDB(): boolean {
  return isInstalled('mariadbd') && isInstalled('mariadb-install-db');
}

/** Starts MariaDB, which is a MySQL to TypeORM. */
export async function startMariaDB(): Promise<DatabaseServer> {
  const { folder, owner } = folderFor('mysql');
  const place = ['--no-defaults', `--datadir=${join(folder, 'data')}`];
  const env = { ...process.env, TMPDIR: folder }; // where it begins by removing what another one is using
  const options = { ...owner, cwd: folder, env };
  execFileSync(
    'mariadb-install-db',
    [...place, '--auth-root-authentication-method=normal'],
    options,
  );
  const port = await freePort();
  const settings = [
    ...[`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`],
    ...['--innodb-flush-log-at-trx-commit=0', '--lc-messages=en_US'],
  ];
  const server = spawn('mariadbd', [...place, ...settings], options);
  const url = `mysql://root@127.0.0.1:${port}/test`;
  return whenReady(server, 'ready for connections', { url, folder, signal: 'SIGTERM' });
}
