import { Injectable, RequestMethod } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { RequestedFile } from '../file/requested-file.js';
import { ConfigurationError } from '../private-storage.errors.js';
import { RoutePrefix } from '../private-storage.route-prefix.js';
import { FileServers } from '../servers/file-servers.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import { Downloads } from './downloads.js';
import { ProbeDoor, type Probe } from './probe-door.js';
import { PROBE_HEADER, PROBE_PATH } from './probe.controller.js';
import { askForProbe, isOpen } from './probe-request.js';
import {
  problemOf,
  unreachable,
  type ExpectedAnswer,
  type Finding,
  type ServerProblem,
} from './server-problem.js';

/** How a check asks. */
export interface WebServerCheckOptions {
  /** Sent with each request, such as `Authorization`, where the app has global guards. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Finds out whether the web server before the app sends the files of every storage: puts a small file into each, fetches
 * it through the public URL, and deletes it. It has to run in the process that answers.
 *
 * @example
 * await app.listen(3000);
 * for (const { storage, message } of await app.get(WebServerCheck).check('https://files.example.com'))
 *   console.error(`${storage}: ${message}`);
 */
@Injectable()
export class WebServerCheck {
  constructor(
    private readonly storages: StorageRegistry,
    private readonly servers: FileServers,
    private readonly downloads: Downloads,
    private readonly door: ProbeDoor,
    private readonly prefix: RoutePrefix,
  ) {}

  /**
   * What is wrong, at most one thing for each storage; an empty list when all is well.
   *
   * @param publicUrl where clients reach the app through the web server, such as `https://files.example.com`
   * @throws ConfigurationError when that is no http or https URL; StorageFailedError, StorageFullError
   */
  async check(
    publicUrl: string,
    { headers = {} }: WebServerCheckOptions = {},
  ): Promise<ServerProblem[]> {
    const url = originOf(publicUrl);
    const problems: ServerProblem[] = [];
    for (const storage of this.servers.storageNames) {
      const found = await this.checkStorage(storage, { url, headers });
      if (found) problems.push({ storage, ...found });
    }
    return problems;
  }

  /** The file's name is one that is lost where somebody decodes or encodes once too often. */
  private async checkStorage(storageName: string, place: Place): Promise<Finding | undefined> {
    const storage = this.storages.get(storageName);
    const text = randomBytes(32).toString('hex');
    const name = `web server check 100%41 ü ${text.slice(0, 16)}.txt`;
    const key = await storage.put(name, once(text));
    try {
      const probe = { storageName, key };
      const headers = this.headersOf(probe);
      return (
        (await this.ask(probe, place, { status: 200, body: text, headers })) ??
        (await this.ask(probe, withRange(place), { status: 206, body: text.slice(5, 10) })) ??
        (await this.askInside(probe, place, text))
      );
    } finally {
      await storage.delete(key);
    }
  }

  private async ask(
    probe: Probe,
    { url, headers }: Place,
    expected: ExpectedAnswer,
  ): Promise<Finding | undefined> {
    const route = `/${PROBE_PATH}`;
    const target = new URL(this.prefix.of(route, RequestMethod.GET) + route, url);
    const { answer, wasAsked } = await this.door.during(probe, (token) =>
      askForProbe(target, { ...headers, [PROBE_HEADER]: token }),
    );
    if ('failure' in answer) return unreachable(url, answer.failure);
    return problemOf({ ...answer, wasAsked }, expected);
  }

  /** Whether anybody may ask where only the app should lead. */
  private async askInside(
    { storageName, key }: Probe,
    { url, headers }: Place,
    text: string,
  ): Promise<Finding | undefined> {
    const { server } = this.servers.deliveryOf(storageName);
    const internalUrl = server.internalUrl(storageName);
    if (internalUrl === undefined) return undefined;
    const target = new URL(internalUrl + encodeURIComponent(key), url);
    if (!(await isOpen(target, headers, text))) return undefined;
    return {
      code: 'INTERNAL_URL_OPEN',
      message: `Anybody may read ${internalUrl}: write "internal;" into that location.`,
    };
  }

  private headersOf({ storageName, key }: Probe): ExpectedAnswer['headers'] {
    const storage = this.storages.get(storageName);
    const init = { storage, storageName, key, action: 'download' as const, parent: undefined };
    const file = new RequestedFile(init, {}, () => ({}));
    return this.downloads.servedFile(file, this.servers.deliveryOf(storageName)).headers;
  }
}

interface Place {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

function withRange({ url, headers }: Place): Place {
  return { url, headers: { ...headers, range: 'bytes=5-9' } };
}

function originOf(publicUrl: string): URL {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return url;
  throw new ConfigurationError(
    `The public URL is where clients reach the app, such as "https://files.example.com", without a path; not "${publicUrl}".`,
  );
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
