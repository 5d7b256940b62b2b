import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD, RouterModule } from '@nestjs/core';
import {
  LocalStorage,
  MemoryStorage,
  NginxServer,
  PrivateStorageModule,
  WebServerCheck,
  type ServerProblem,
} from 'nestjs-private-storage';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { LoginGuard } from './users.js';

const LOCATION = '/private-x-accel-redirect/default/';

/** A web server with one mistake. */
type Mistake =
  | 'none'
  | 'does not know the header'
  | 'swallows the header'
  | 'another root'
  | 'no root'
  | 'forgets headers'
  | 'guesses the type'
  | 'no ranges'
  | 'not internal'
  | 'another app';

describe.each(ADAPTERS)('the check of the web server before an app on %s', (adapter) => {
  let folder: string;
  let running: RunningApp;
  let front: Server;
  let url: string;
  let mistake: Mistake;
  let seen: IncomingMessage[];

  beforeEach(async () => {
    mistake = 'none';
    seen = [];
    folder = mkdtempSync(join(tmpdir(), 'web-server-check-'));
    running = await startApp(
      adapter,
      {
        providers: [{ provide: APP_GUARD, useClass: ApiKeyGuard }],
        imports: [
          PrivateStorageModule.forRoot({
            storage: new LocalStorage({ root: folder }),
            guards: [LoginGuard],
            server: new NginxServer(),
            storages: { notes: { storage: new MemoryStorage(), guards: [LoginGuard] } },
          }),
          RouterModule.register([{ path: 'files', module: PrivateStorageModule }]),
        ],
      },
      (app) => app.setGlobalPrefix('api'),
    );
    front = createServer((asked, answer) => answerAs(asked, answer)).listen(0, '127.0.0.1');
    await once(front, 'listening');
    url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    front.closeAllConnections();
    front.close();
    await running.close();
    rmSync(folder, { recursive: true });
  });

  const check = (publicUrl = url): Promise<ServerProblem[]> =>
    running.app.get(WebServerCheck).check(publicUrl, { headers: { 'x-api-key': 'right' } });

  function answerAs(asked: IncomingMessage, answer: ServerResponse): void {
    seen.push(asked);
    if (mistake === 'another app') return void answer.writeHead(404).end();
    if (asked.url?.startsWith(LOCATION)) {
      if (mistake === 'not internal') return void answer.end(readFileSync(pathOf(asked.url)));
      return void answer.writeHead(404).end();
    }
    const { method, headers } = asked;
    request(running.url + String(asked.url), { method, headers }, (passed) => {
      const { 'x-accel-redirect': target, ...kept } = passed.headers;
      if (typeof target !== 'string' || mistake === 'does not know the header') {
        answer.writeHead(passed.statusCode ?? 500, passed.headers);
        passed.pipe(answer);
        return;
      }
      passed.resume();
      if (mistake === 'swallows the header') return void answer.writeHead(200, kept).end();
      if (mistake === 'no root') return void answer.writeHead(404, kept).end();
      const bytes =
        mistake === 'another root' ? Buffer.alloc(64, 'x') : readFileSync(pathOf(target));
      if (mistake === 'forgets headers') delete kept['content-security-policy'];
      if (mistake === 'guesses the type') kept['content-type'] = 'text/html';
      const isPart = headers.range !== undefined && mistake !== 'no ranges';
      const body = isPart ? bytes.subarray(5, 10) : bytes;
      answer.writeHead(isPart ? 206 : 200, { ...kept, 'content-length': body.length }).end(body);
    }).end();
  }

  function pathOf(target: string): string {
    return join(folder, decodeURIComponent(target.slice(LOCATION.length)));
  }

  it('finds nothing where all is well, and leaves nothing behind', async () => {
    expect(await check()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['.staging']);
    expect(readdirSync(join(folder, '.staging'))).toEqual([]);
  });

  it.each<[Mistake, string, RegExp]>([
    ['does not know the header', 'INTERNAL_HEADER_SENT', /x-accel-redirect went to the client/],
    ['swallows the header', 'WRONG_BYTES', /^The answer had no bytes:/],
    ['another root', 'WRONG_BYTES', /^The answer had bytes other than/],
    ['no root', 'FILE_NOT_SENT', /answered 404: its internal location or root is wrong/],
    ['forgets headers', 'WRONG_HEADERS', /^Content-Security-Policy should be "sandbox" and is ""/],
    ['guesses the type', 'WRONG_HEADERS', /^Content-Type should be "text\/plain; charset=utf-8"/],
    ['no ranges', 'NO_RANGES', /cannot be resumed/],
    ['not internal', 'INTERNAL_URL_OPEN', /write "internal;" into that location/],
  ])('finds one that has this mistake: %s', async (made, code, message) => {
    mistake = made;
    expect(await check()).toEqual([
      { storage: 'default', code, message: expect.stringMatching(message) as string },
    ]);
    expect(readdirSync(folder)).toEqual(['.staging']);
  });

  it('finds out that it asks something else', async () => {
    mistake = 'another app';
    const problems = await check();
    expect(problems.map(({ storage, code }) => [storage, code])).toEqual([
      ['default', 'NOT_PASSED_ON'],
      ['notes', 'NOT_PASSED_ON'],
    ]);
  });

  it('finds out that a global guard keeps it out', async () => {
    const problems = await running.app.get(WebServerCheck).check(url);
    expect(problems[0]?.message).toMatch(/The answer was 403, .*give the check its credentials/);
  });

  it('finds nobody there', async () => {
    front.close();
    await once(front, 'close');
    const problems = await check();
    expect(problems.map(({ code }) => code)).toEqual(['UNREACHABLE', 'UNREACHABLE']);
  });

  it.each(['files.example.com', 'ftp://files.example.com', `http://127.0.0.1/app`, ''])(
    'takes no "%s" for the URL',
    async (wrong) => {
      await expect(check(wrong)).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
    },
  );

  it('opens its door to nobody else, and to no second request', async () => {
    const knock = (token?: string): Promise<Response> =>
      fetch(`${running.url}/api/files/private-storage-probe`, {
        headers: { 'x-api-key': 'right', ...(token ? { 'x-private-storage-probe': token } : {}) },
      });
    expect((await knock()).status).toBe(404);
    expect((await knock('0'.repeat(64))).status).toBe(404);
    await check();
    const used = seen.map(({ headers }) => headers['x-private-storage-probe']).filter(Boolean);
    expect(new Set(used).size).toBe(4);
    for (const token of used) expect((await knock(String(token))).status).toBe(404);
  });
});

@Injectable()
class ApiKeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    return headers['x-api-key'] === 'right';
  }
}
