import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';

const SERVER_CORE = '0';
const CLIENT_CORE = '1';

/** Whether server and client can have a core each. */
export const canPin =
  availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** Keeps this process, which is the client, off the server's core. */
export function pinClient(): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', CLIENT_CORE, String(process.pid)]);
}

/** The command that runs `command` on the server's core. */
export function onServerCore(command: string, args: readonly string[]): [string, string[]] {
  return canPin ? ['taskset', ['-c', SERVER_CORE, command, ...args]] : [command, [...args]];
}
