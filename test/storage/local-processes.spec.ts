import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { put, read, readText } from './bytes.js';
import { compileStorageInto, runChild, type Child } from './child-process.js';
import { filesIn, temporaryFolder } from './temporary-folder.js';

const at = temporaryFolder();
const inAnHour = (): Date => new Date(Date.now() + 60 * 60 * 1000);

beforeEach(() => compileStorageInto(at('code')));

function run(script: string, name = '', options = {}): Child {
  return runChild(at('code'), script, [at('root'), name], options);
}

describe('kill -9', () => {
  it('while bytes arrive leaves a staged rest, which is swept', async () => {
    const child = run(`
      async function* source() {
        yield Buffer.alloc(700_000);
        console.log('half');
        await new Promise(() => setInterval(() => undefined, 1000));
      }
      await new LocalStorage({ root }).put('file.bin', source());
    `);
    for await (const line of child.lines) if (line === 'half') child.process.kill('SIGKILL');
    expect(filesIn(at('root'))).toEqual([expect.stringMatching(/^\.staging\/[0-9a-f]{32}$/)]);
    const storage = new LocalStorage({ root: at('root') });
    expect(await storage.sweep(new Date(Date.now() - 1_000_000))).toBe(0);
    expect(await storage.sweep(inAnHour())).toBe(1);
    expect(filesIn(at('root'))).toEqual([]);
  });

  it.each([
    ['between the two steps of a commit', 'unlinkSync', {}, ['whole', 2]],
    ['before the first step', 'linkSync', {}, ['none', 1]],
    ['before a rename', 'renameSync', { hardLinks: false }, ['none', 1]],
    ['after a rename', 'rmdirSync', { hardLinks: false }, ['whole', 1]],
  ])('%s leaves the whole file or none', async (_when, call, options, [file, copies]) => {
    await put(new LocalStorage({ root: at('root') }), 'other', 'x');
    const child = run(`
      const storage = new LocalStorage({ root, ...${JSON.stringify(options)} });
      storage.prepare();
      fs.${call} = () => process.kill(process.pid, 'SIGKILL');
      syncBuiltinESMExports();
      await storage.put('file.txt', bytesOf('content'));
    `);
    await expect(child.output()).rejects.toThrow();
    expect(child.process.signalCode).toBe('SIGKILL');
    const storage = new LocalStorage({ root: at('root'), ...options });
    expect(await storage.exists('file.txt')).toBe(file === 'whole');
    expect(filesIn(at('root')).filter((path) => path !== 'other')).toHaveLength(Number(copies));
    await storage.sweep(inAnHour());
    expect(readdirSync(at('root', '.staging'))).toEqual([]);
    if (file === 'whole') expect(await readText(storage, 'file.txt')).toBe('content');
    else expect(await put(storage, 'file.txt', 'again')).toBe('file.txt');
  });

  it('at any moment leaves only whole files, and those that were acknowledged', async () => {
    const child = run(`
      const storage = new LocalStorage({ root, fsync: false });
      const writers = Array.from({ length: 8 }, async () => {
        for (;;) console.log(await storage.put('a/b/file.bin', bytesOf(Buffer.alloc(300_000, 'x'))));
      });
      await Promise.all(writers);
    `);
    const acknowledged: string[] = [];
    for await (const line of child.lines) {
      acknowledged.push(line);
      if (acknowledged.length === 100) child.process.kill('SIGKILL');
    }
    const storage = new LocalStorage({ root: at('root') });
    const files = filesIn(at('root')).filter((path) => !path.startsWith('.staging'));
    expect(files).toEqual(expect.arrayContaining(acknowledged));
    for (const file of files) expect((await read(storage, file)).length).toBe(300_000);
    await storage.sweep(inAnHour());
    expect(filesIn(at('root'))).toEqual(files);
  });
});

describe('several processes', () => {
  it.each([true, false])(
    'commit 200 files of one name and lose none (hard links: %s)',
    async (hardLinks) => {
      const script = `
      const storage = new LocalStorage({ root, fsync: false, hardLinks: ${hardLinks} });
      const contents = Array.from({ length: 100 }, (_, i) => name + i);
      const staged = await Promise.all(contents.map((content) => storage.stage(bytesOf(content))));
      await Promise.all(staged.map(async (bytes, i) => {
        console.log(JSON.stringify([await storage.commit(bytes, 'reports/may.pdf'), contents[i]]));
      }));
    `;
      const output = await Promise.all([run(script, 'one').output(), run(script, 'two').output()]);
      const files = output.flat().map((line) => JSON.parse(line) as [string, string]);
      expect(new Set(files.map(([key]) => key)).size).toBe(200);
      const storage = new LocalStorage({ root: at('root') });
      for (const [key, content] of files) expect(await readText(storage, key)).toBe(content);
      expect(readdirSync(at('root', '.staging'))).toEqual([]);
    },
  );
});

describe('a user without permissions', () => {
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  const attempt = `
    const storage = new LocalStorage({ root });
    const attempts = {
      open: () => storage.open('closed/file.txt'),
      stat: () => storage.stat('closed/file.txt'),
      exists: () => storage.exists('closed/file.txt'),
      delete: () => storage.delete('closed/file.txt'),
      put: () => storage.put('closed/new.txt', bytesOf('x')),
      flush: () => storage.put('unreadable/new.txt', bytesOf('x')),
    };
    for (const [what, action] of Object.entries(attempts)) {
      console.log(what, await action().then(String, (error) => error.constructor.name + ' ' + error.message));
    }
  `;

  it('gets StorageFailedError, and a commit that cannot be flushed leaves no file', async () => {
    chmodSync(at(), 0o755);
    mkdirSync(at('root'));
    chmodSync(at('root'), 0o777);
    for (const [folder, mode] of [
      ['closed', 0o000],
      ['unreadable', 0o333],
    ] as const) {
      mkdirSync(at('root', folder));
      chmodSync(at('root', folder), mode);
    }
    const failed = 'StorageFailedError The storage failed (EACCES).';
    expect(await run(attempt, '', { uid }).output()).toEqual([
      ...['open', 'stat', 'exists', 'delete', 'put', 'flush'].map((what) => `${what} ${failed}`),
    ]);
    chmodSync(at('root', 'closed'), 0o755);
    chmodSync(at('root', 'unreadable'), 0o755);
    expect(filesIn(at('root'))).toEqual([]);
  });

  it('is told at start-up that the root is not his', async () => {
    chmodSync(at(), 0o755);
    mkdirSync(at('root'));
    chmodSync(at('root'), 0o555);
    const script = `try { new LocalStorage({ root }).prepare(); } catch (error) { console.log(error.message); }`;
    const [message] = await run(script, '', { uid }).output();
    chmodSync(at('root'), 0o755);
    expect(message).toMatch(
      /cannot be written to; give a folder that belongs to the user of this process/,
    );
  });
});
