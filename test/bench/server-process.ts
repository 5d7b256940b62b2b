import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { onServerCore } from './cores.js';

/** How a server is started. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where it answers; servers that leave this out print it. */
  readonly url?: string;
}

export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

export async function startServer({
  command,
  args,
  env,
  url,
}: ServerCommand): Promise<RunningServer> {
  const child = spawn(...onServerCore(command, args), {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => stopped(child);
  try {
    const pid = child.pid;
    if (pid === undefined) throw new Error(`${command} cannot be started.`);
    return { pid, url: url ? await answering(url) : await printedUrl(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function printedUrl(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const text of child.stdout?.setEncoding('utf8') ?? []) {
    output += String(text);
    const url = /^http:\S+(?=\n)/m.exec(output)?.[0];
    if (url) return url;
  }
  throw new Error(`${child.spawnargs.join(' ')} ended without printing its URL.`);
}

async function answering(url: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response) return url;
    await sleep(20);
  }
  throw new Error(`Nothing answers at ${url}.`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
