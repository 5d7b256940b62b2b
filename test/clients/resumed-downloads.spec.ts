import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AllowStaff, LocalStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { ADAPTERS, startApp, type RunningApp } from '../e2e/app.js';
import { LoginGuard } from '../e2e/users.js';
import { describeWith } from '../programs.js';

const run = promisify(execFile);
const SIZE = 20_000_001;
const CLIENTS = {
  curl: ['curl', '-sS', '-f', '-C', '-', '-H', 'x-user: staff', '-o'],
  wget: ['wget', '-q', '-c', '--header', 'x-user: staff', '-O'],
  aria2c: [
    'aria2c',
    '-q',
    '-x8',
    '-s8',
    '-k1M',
    '-c',
    '--header',
    'x-user: staff',
    '--auto-file-renaming=false',
    '-d',
    '/',
    '-o',
  ],
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(ADAPTERS)('download clients on %s', (adapter) => {
  let folder: string;
  let running: RunningApp;
  const bytes = randomBytes(SIZE);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'download-clients-'));
    const storage = new LocalStorage({ root: join(folder, 'private') });
    storage.prepare();
    await writeFile(join(folder, 'private', 'film.bin'), bytes);
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/media',
          guards: [LoginGuard, AllowStaff],
        }),
      ],
    });
  });

  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(['curl', 'wget'] as const)('%s', (client) => {
    describeWith(client)('is installed and', () => {
      it.each([0, 1, 7_654_321, SIZE - 1])('goes on after %i bytes', async (have) => {
        const target = join(folder, `${client}-${have}`);
        await writeFile(target, bytes.subarray(0, have));
        const [program, ...options] = CLIENTS[client] as [string, ...string[]];
        await run(program, [...options, target, `${running.url}/media/film.bin`]);
        expect(sha256(await readFile(target))).toBe(sha256(bytes));
      });
    });
  });

  describeWith('aria2c')('aria2c', () => {
    it('fetches eight parts at once', async () => {
      const target = join(folder, 'aria2c');
      const [program, ...options] = CLIENTS.aria2c as [string, ...string[]];
      await run(program, [...options, target, `${running.url}/media/film.bin`]);
      expect(sha256(await readFile(target))).toBe(sha256(bytes));
    });
  });
});
