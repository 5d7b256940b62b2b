import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The sample app as `npm start` leaves it running, on a free port and in a folder of its own. */
export class SampleApp {
  private constructor(
    readonly process: ChildProcess,
    readonly url: string,
    readonly folder: string,
    /** What it printed up to now. */
    readonly output: () => string,
  ) {}

  static async start(
    env: Record<string, string> = {},
    folder?: string,
    program = ['dist/sample-app/main.js'],
  ): Promise<SampleApp> {
    const data = folder ?? (await mkdtemp(join(tmpdir(), 'sample-app-')));
    const app = spawn(process.execPath, program, {
      env: { ...process.env, PORT: '0', DATA_DIR: data, JWT_SECRET: 'of the tests', ...env },
    });
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      const onOutput = (chunk: Buffer): void => {
        output += String(chunk);
        const found = /open at (\S+)\n[^]*curl -i/.exec(output)?.[1];
        if (found) resolve(found);
      };
      app.stdout.on('data', onOutput);
      app.stderr.on('data', onOutput);
      app.on('close', () => reject(new Error(`The sample app ended: ${output}`)));
    });
    return new SampleApp(app, url, data, () => output);
  }

  /** Ends it as a process manager does; returns its exit code. */
  async stop(): Promise<number | null> {
    const exited = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const [code] = (await exited) as [number | null];
    return code;
  }

  async remove(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async login(username: string): Promise<Client> {
    const response = await fetch(`${this.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: `${username}-password` }),
    });
    const { accessToken } = (await response.json()) as { accessToken: string };
    return new Client(this.url, `Bearer ${accessToken}`);
  }

  /** Every file below the private root, staged ones too, by its path. */
  async files(): Promise<string[]> {
    const entries = await readdir(join(this.folder, 'private-media'), {
      recursive: true,
      withFileTypes: true,
    });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }
}

/** Somebody who is logged in. */
export class Client {
  constructor(
    private readonly url: string,
    /** The header of a request of theirs. */
    readonly authorization: string,
  ) {}

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { ...init, headers: { authorization: this.authorization } });
  }

  upload(
    path: string,
    file: Blob,
    name: string,
    fields: Record<string, string> = {},
    method = 'POST',
  ): Promise<Response> {
    const body = new FormData();
    for (const [field, value] of Object.entries(fields)) body.append(field, value);
    body.append('file', file, name);
    return this.fetch(path, { method, body });
  }
}
