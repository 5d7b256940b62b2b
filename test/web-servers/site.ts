import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rawRequest } from '../e2e/raw-http.js';
import { freePort } from '../free-port.js';
import { describeIf, describeWith } from '../programs.js';
import { SampleApp, type Client } from '../sample/sample-app.js';

/** The web servers that the sample can be started with, and their programs. */
export const PROGRAMS = { nginx: 'nginx', apache: 'apache2', lighttpd: 'lighttpd', caddy: 'caddy' };

export type WebServerName = keyof typeof PROGRAMS;

const XSENDFILE = '/usr/lib/apache2/modules/mod_xsendfile.so';
export const MAX_FILE_SIZE = 32 * 1024 * 1024;

/** An answer, its headers by their lower-case names. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Nobody by default. */
  readonly as?: Client;
}

/** `describe` for tests that start the server; see {@link describeWith}. */
export function describeBehind(server: WebServerName): jest.Describe {
  const hasModule = server !== 'apache' || existsSync(XSENDFILE);
  return hasModule
    ? describeWith(PROGRAMS[server])
    : describeIf(hasModule, `not installed here: ${XSENDFILE}`);
}

/** Starts the sample behind the server as `npm run start:<server>` does. */
export async function startBehind(
  server: WebServerName,
  env: Record<string, string> = {},
  folder?: string,
): Promise<SampleApp> {
  const PORT = String(await freePort());
  return SampleApp.start({ PORT, ...env }, folder, ['dist/sample-app/web-server/main.js', server]);
}

/** The sample app behind a web server, and beside it the same app without one, on the same files. */
export class Site {
  private constructor(
    readonly served: SampleApp,
    readonly streamed: SampleApp,
    readonly alice: Client,
    readonly bob: Client,
    readonly root: Client,
  ) {}

  static async start(server: WebServerName, httpAdapter: string): Promise<Site> {
    const env = { HTTP_ADAPTER: httpAdapter, MAX_FILE_SIZE: String(MAX_FILE_SIZE) };
    const folder = await mkdtemp(join(tmpdir(), `behind-${server}-`));
    const served = await startBehind(server, env, folder);
    const streamed = await SampleApp.start(env, folder);
    const [alice, bob, root] = await Promise.all([
      served.login('alice'),
      served.login('bob'),
      served.login('root'),
    ]);
    return new Site(served, streamed, alice, bob, root);
  }

  async remove(): Promise<void> {
    await this.streamed.stop();
    await this.served.remove();
  }

  put(key: string, bytes: string | Buffer, storage?: string): Promise<string> {
    return putFile(this.served, key, bytes, storage);
  }

  /** Asks through the web server; the path goes over the wire as it is. */
  ask(path: string, question: Question = {}): Promise<Answer> {
    return ask(this.served.url, path, question);
  }

  /** Asks for the same file what the app says without a web server. */
  askStreamed(path: string, question: Question = {}): Promise<Answer> {
    return ask(this.streamed.url, path, question);
  }
}

/** Puts a file into a storage, past the app; returns its path. */
export async function putFile(
  { folder }: SampleApp,
  key: string,
  bytes: string | Buffer,
  storage = 'private-media',
): Promise<string> {
  const path = join(folder, storage, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

/** Sends the path as it is. */
export async function ask(
  url: string,
  path: string,
  { method = 'GET', headers = {}, as }: Question,
): Promise<Answer> {
  const login: Record<string, string> = as ? { Authorization: as.authorization } : {};
  const answer = await rawRequest(url, method, path, { ...login, ...headers });
  const fields = answer.headers.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: answer.status, headers: Object.fromEntries(fields), body: answer.body };
}

/** Both processes' ids; the launcher starts the app first. */
export async function processesOf({
  process: { pid },
}: SampleApp): Promise<{ app: number; webServer: number }> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const [app = NaN, webServer = NaN] = children.trim().split(' ').map(Number);
  return { app, webServer };
}

/** A key's path below a storage's URL. */
export function urlOf(key: string, baseUrl = '/private-media'): string {
  return `${baseUrl}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
