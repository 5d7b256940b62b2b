import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { canTest } from '../programs.js';

const DEBIAN = '/usr/lib/postgresql';

/** A PostgreSQL server of the tests' own. */
export interface Postgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one where PostgreSQL is installed; otherwise says so, or fails with CI=true. */
export async function startPostgres(): Promise<Postgres | undefined> {
  const programs = programsOf();
  canTest(programs !== undefined, 'not installed here: PostgreSQL');
  return programs === undefined ? undefined : start(programs);
}

function programsOf(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

async function start(programs: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const user = unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const env = { ...process.env, LC_ALL: 'C' }; // what it says is waited for, and would be translated
  const options = { ...user, cwd: folder, env };
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
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      output += String(chunk);
      if (output.includes('ready to accept connections')) resolve();
    });
    server.on('close', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${output}`)));
  });
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    async stop() {
      const exited = once(server, 'exit');
      server.kill('SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to be run by root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
