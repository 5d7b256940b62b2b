import { execFileSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A database server of the tests' own. */
export interface DatabaseServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A folder for a server, and whom it belongs to: database servers refuse to be run by root. */
export function folderFor(user: string): { folder: string; owner?: { uid: number; gid: number } } {
  const folder = mkdtempSync(join(tmpdir(), `${user}-`));
  if (process.getuid?.() !== 0) return { folder };
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  const owner = { uid: id('-u'), gid: id('-g') };
  chownSync(folder, owner.uid, owner.gid);
  return { folder, owner };
}

/** Waits until a server has said that it is ready; when it is stopped its folder goes. */
export async function whenReady(
  server: ChildProcessWithoutNullStreams,
  ready: string,
  { url, folder, signal }: { url: string; folder: string; signal: NodeJS.Signals },
): Promise<DatabaseServer> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      output += String(chunk);
      if (output.includes(ready)) resolve();
    });
    server.on('close', (code) =>
      reject(new Error(`${server.spawnfile} ended with ${code}: ${output}`)),
    );
  });
  return {
    url,
    async stop() {
      const exited = once(server, 'exit');
      server.kill(signal);
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
