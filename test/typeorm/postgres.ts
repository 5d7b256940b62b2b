import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { folderFor, whenReady, type DatabaseServer } from './database-server.js';

const DEBIAN = '/usr/lib/postgresql';

export function hasPostgres(): boolean {
  return programsOf() !== undefined;
}

function programsOf(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

export async function startPostgres(): Promise<DatabaseServer> {
  const programs = programsOf() ?? '';
  const { folder, owner } = folderFor('postgres');
  const env = { ...process.env, LC_ALL: 'C' }; // what it says is waited for, and would be translated
  const options = { ...owner, cwd: folder, env };
  execFileSync(
    join(programs, 'initdb'),
    ['-D', 'data', '-U', 'test', '--auth=trust', '--no-sync', '--encoding=UTF8'],
    options,
  );
  const port = await freePort();
  const settings = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-k', folder];
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', 'data', '-p', String(port), ...settings],
    options,
  );
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  return whenReady(server, 'ready to accept connections', { url, folder, signal: 'SIGINT' });
}
