import {
  AllowStaff,
  LocalStorage,
  MemoryStorage,
  PrivateStorageModule,
  type FileStorage,
} from 'nestjs-private-storage';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { rawRequest, type RawAnswer } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const TODAY = new Date().toUTCString();
const LONG_AGO = 'Sun, 06 Nov 1994 08:49:37 GMT';

/** Every way to ask for a file. */
const HEADERS: Record<string, string>[] = [
  {},
  { Range: 'bytes=0-1' },
  { Range: 'bytes=0-1,4-5' },
  { Range: 'bytes=-2' },
  { Range: 'bytes=999999-' },
  { Range: 'nonsense' },
  { 'If-Match': '*' },
  { 'If-Match': '"x"' },
  { 'If-None-Match': '*' },
  { 'If-None-Match': '"x"' },
  { 'If-Modified-Since': TODAY },
  { 'If-Modified-Since': LONG_AGO },
  { 'If-Modified-Since': '' },
  { 'If-Unmodified-Since': TODAY },
  { 'If-Unmodified-Since': LONG_AGO },
  { Range: 'bytes=0-1', 'If-Range': '"x"' },
  { Range: 'bytes=0-1', 'If-Range': TODAY },
];
type Question = readonly [method: string, user: string, headers: Record<string, string>];
const QUESTIONS: Question[] = ['nobody', 'alice'].flatMap((user) => [
  ...HEADERS.flatMap((headers): Question[] => [
    ['GET', user, headers],
    ['HEAD', user, headers],
  ]),
  ['DELETE', user, {}] as const,
  ['OPTIONS', user, {}] as const,
]);

const existing = ['a.txt', 'folder/empty.bin'];
const missing = ['z.txt', 'nowhere/z.bin', 'a.txt/z', 'folder'];

async function* bytes(length: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(length, 'x');
}

async function fill(storage: FileStorage): Promise<FileStorage> {
  await storage.put('a.txt', bytes(100));
  await storage.put('folder/empty.bin', bytes(0));
  return storage;
}

describe.each(
  ADAPTERS.flatMap((adapter) => [false, true].map((hideRefusals) => ({ adapter, hideRefusals }))),
)('refusals on $adapter, hidden: $hideRefusals', ({ adapter, hideRefusals }) => {
  let running: RunningApp;
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'refused-'));
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage: await fill(new LocalStorage({ root })),
          baseUrl: '/private-media',
          guards: [LoginGuard, AllowStaff],
          access: { hideRefusals },
          storages: {
            memory: {
              storage: await fill(new MemoryStorage()),
              baseUrl: '/memory',
              guards: [LoginGuard, AllowStaff],
            },
          },
        }),
      ],
    });
  });

  afterAll(async () => {
    await running.close();
    await rm(root, { recursive: true });
  });

  const ask = (
    baseUrl: string,
    key: string,
    [method, user, headers]: Question,
  ): Promise<RawAnswer> =>
    rawRequest(running.url, method, `${baseUrl}/${key}`, { ...headers, ...as(user).headers });

  it.each(['/private-media', '/memory'])('say nothing of what is in %s', async (baseUrl) => {
    for (const question of QUESTIONS) {
      const [method, user] = question;
      const [first, ...others] = await Promise.all(
        [...existing, ...missing].map((key) => ask(baseUrl, key, question)),
      );
      for (const other of others) expect([question, other]).toEqual([question, first]);
      const read = hideRefusals ? 404 : user === 'nobody' ? 401 : 403;
      expect([question, first?.status]).toEqual([
        question,
        method === 'GET' || method === 'HEAD' ? read : 405,
      ]);
    }
  });

  it('cannot be told from a file that is not there, when hidden', async () => {
    const refused = await ask('/memory', 'a.txt', ['GET', 'alice', {}]);
    const notThere = await ask('/memory', 'z.txt', ['GET', 'staff', {}]);
    expect(notThere.status).toBe(404);
    if (hideRefusals) expect(refused).toEqual(notThere);
    else expect(refused.status).toBe(403);
  });

  it.each([
    ['a.txt', 'nobody'],
    ['a.txt', 'alice'],
    ['z.txt', 'alice'],
    ['z.txt', 'staff'],
  ])('are kept by no cache: %s for %s', async (key, user) => {
    const { headers } = await ask('/memory', key, ['GET', user, {}]);
    expect(headers.filter((line) => /^cache-control:/i.test(line))).toEqual([
      expect.stringMatching(/: no-store$/),
    ]);
  });

  it('are 405 with Allow for every method but GET and HEAD, whoever asks', async () => {
    const answer = await ask('/private-media', 'a.txt', ['DELETE', 'staff', {}]);
    expect(answer).toMatchObject({
      status: 405,
      headers: expect.arrayContaining([expect.stringMatching(/^allow: GET, HEAD$/i)]),
    });
  });
});
