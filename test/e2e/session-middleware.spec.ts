import { AllowStaff, MemoryStorage, PrivateStorageModule } from 'nestjs-private-storage';
import type { ServerResponse } from 'node:http';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

const TEXT = 'a contract';

/** As `express-session` does: the answer ends once the session is saved, and its `end` returns no response. */
function saving(_request: unknown, response: ServerResponse, next: () => void): void {
  const end = response.end.bind(response);
  const deferred = (chunk?: Buffer): boolean => {
    setImmediate(() => end(chunk));
    return true;
  };
  Object.assign(response, { end: deferred });
  next();
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe.each(ADAPTERS)('where a middleware saves a session before the end on %s', (adapter) => {
  let running: RunningApp;
  const problems: unknown[] = [];

  beforeAll(async () => {
    const storage = new MemoryStorage();
    await storage.put('a.txt', bytes(TEXT));
    await storage.put('empty.txt', bytes(''));
    const guards = [LoginGuard, AllowStaff];
    running = await startApp(
      adapter,
      { imports: [PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards })] },
      (app) =>
        app.use(saving).useGlobalFilters({ catch: (error: unknown) => void problems.push(error) }),
    );
  });

  afterAll(() => running.close());

  it.each<[string, string, Record<string, string>, number, string]>([
    ['GET', 'a.txt', {}, 200, TEXT],
    ['GET', 'a.txt', { range: 'bytes=2-4' }, 206, 'con'],
    ['GET', 'empty.txt', {}, 200, ''],
    ['HEAD', 'a.txt', {}, 200, ''],
    ['GET', 'a.txt', { 'if-none-match': '*' }, 304, ''],
    ['GET', 'a.txt', { 'if-match': '"another"' }, 412, ''],
    ['GET', 'a.txt', { range: 'bytes=99-' }, 416, ''],
  ])('answers %s %s %j with %i', async (method, name, headers, status, body) => {
    const answer = await fetch(`${running.url}/files/${name}`, { method, ...as('staff', headers) });
    expect([answer.status, await answer.text(), problems]).toEqual([status, body, []]);
  });
});
