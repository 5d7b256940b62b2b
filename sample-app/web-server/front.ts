import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from './installed.js';
import { CONFIGURATION, type WebServer } from './web-server.js';

/** Starts a web server that keeps its configuration and all that it writes in `folder`. */
export function startWebServer(
  server: WebServer,
  folder: string,
  configuration: string,
): ChildProcess {
  const program = installed(server);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, CONFIGURATION), configuration);
  const [command = program, ...args] = [...asOther(server), program, ...server.args(folder)];
  return spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      HOME: folder,
      TMPDIR: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
    },
  });
}

/** A server that refuses to be root runs as nobody, who may read what the app, being root, writes. */
function asOther({ refusesRoot }: WebServer): readonly string[] {
  if (!refusesRoot || process.getuid?.() !== 0) return [];
  const rights = '+dac_override,+net_bind_service';
  const user = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
  return ['setpriv', ...user, '--inh-caps', rights, '--ambient-caps', rights];
}
