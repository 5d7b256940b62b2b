import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guideFiles } from './readme.js';

const run = promisify(execFile);
const MINUTES = 60_000;

/** An app as a newcomer has it, with the packed package and the code of README.md's guide. */
async function makeApp(
  folder: string,
  tarball: string,
  nest: number,
  type: 'commonjs' | 'module',
): Promise<void> {
  await mkdir(join(folder, 'src'), { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'guide', private: true, type }),
  );
  const packages = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${nest}`);
  const others = [
    '@nestjs/typeorm',
    'typeorm',
    'libsql',
    'reflect-metadata',
    'rxjs',
    'typescript@6.0',
    '@types/node@20',
  ];
  await run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...packages, ...others],
    { cwd: folder },
  );
  for (const { name, text } of guideFiles()) await writeFile(join(folder, 'src', name), text);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
    strict: true,
    strictPropertyInitialization: false,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['src'] }),
  );
  await run('npx', ['tsc'], { cwd: folder });
}

/** Starts the app, and resolves with its port when it says that it listens. */
async function start(folder: string): Promise<{ app: ChildProcess; port: string }> {
  const app = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env: { ...process.env, PORT: '0' },
  });
  let output = '';
  const port = await new Promise<string>((resolve, reject) => {
    const onOutput = (chunk: Buffer): void => {
      output += String(chunk);
      const found = /Listening on \S+:(\d+)\n/.exec(output)?.[1];
      if (found) resolve(found);
    };
    app.stdout.on('data', onOutput);
    app.stderr.on('data', onOutput);
    app.on('close', () => reject(new Error(`The app ended: ${output}`)));
  });
  return { app, port };
}

describe.each([
  { nest: 11, type: 'commonjs' as const },
  { nest: 12, type: 'module' as const },
])('the guide of README.md in an empty Nest $nest app ($type)', ({ nest, type }) => {
  let folder: string;
  let app: ChildProcess;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `guide-nest-${nest}-`));
    const packed = await run('npm', [
      'pack',
      '--ignore-scripts',
      '--json',
      '--pack-destination',
      folder,
    ]);
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    await makeApp(folder, join(folder, filename), nest, type);
    const started = await start(folder);
    app = started.app;
    url = `http://127.0.0.1:${started.port}/contracts`;
  }, 15 * MINUTES);

  afterAll(async () => {
    const exited = once(app, 'exit');
    app.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  });

  it('takes a file and gives it to its owner alone', async () => {
    const body = new FormData();
    body.append('file', new Blob(['For Ann alone.']), 'note.txt');
    const created = await fetch(url, { method: 'POST', headers: { 'x-user': 'ann' }, body });
    expect([created.status, await created.json()]).toEqual([
      201,
      { id: 1, url: '/contracts/1/file' },
    ]);

    const fetchAs = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/1/file`, { headers });
    const own = await fetchAs({ 'x-user': 'ann' });
    expect([own.status, await own.text()]).toEqual([200, 'For Ann alone.']);
    expect((await fetchAs({ 'x-user': 'bob' })).status).toBe(403);
    expect((await fetchAs({})).status).toBe(401);
  });

  it('refuses what is not in the list of content types', async () => {
    const body = new FormData();
    body.append('file', new Blob(['<!DOCTYPE html><script>alert(1)</script>']), 'note.txt');
    const refused = await fetch(url, { method: 'POST', headers: { 'x-user': 'ann' }, body });
    expect([refused.status, await refused.json()]).toEqual([
      415,
      expect.objectContaining({
        code: 'FILE_TYPE_NOT_SUPPORTED',
        field: 'file',
        contentType: 'text/html',
      }),
    ]);
  });
});
