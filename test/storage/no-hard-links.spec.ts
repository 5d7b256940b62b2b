import { mkdirSync } from 'node:fs';
import { reservationPath } from '../../lib/storage/local-commit.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { put, readText, stage } from './bytes.js';
import { compileStorageInto, runChild } from './child-process.js';
import { filesIn, temporaryFolder } from './temporary-folder.js';

const at = temporaryFolder();

describe('on a file system without hard links', () => {
  // What exFAT, FAT and many FUSE mounts answer; in a process of its own, where Node's own function is replaced.
  const withoutLinks = (code: string): string => `
    fs.linkSync = () => { throw Object.assign(new Error('${code}: link'), { code: '${code}' }); };
    syncBuiltinESMExports();
  `;
  beforeEach(() => compileStorageInto(at('code')));

  it.each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
    'that answers %s start-up fails with a sentence, and leaves nothing',
    async (code) => {
      const script = `${withoutLinks(code)}
      try { new LocalStorage({ root }).prepare(); } catch (error) { console.log(error.code, error.message); }`;
      const [message] = await runChild(at('code'), script, [at('root')]).output();
      expect(message).toMatch(
        /^INVALID_CONFIGURATION .* has no hard links, .* set hardLinks: false/,
      );
      expect(filesIn(at('root'))).toEqual([]);
    },
  );

  it('hardLinks: false commits, and overwrites nothing', async () => {
    const script = `${withoutLinks('EPERM')}
      const storage = new LocalStorage({ root, hardLinks: false });
      for (const content of ['first', 'second']) console.log(await storage.put('a/b.txt', bytesOf(content)));
      const staged = await storage.stage(bytesOf('third'));
      console.log(storage.commitSync(staged, 'a/b.txt'));
      await storage.put('a/b.txt', bytesOf('replaced'), { overwrite: true });`;
    const keys = await runChild(at('code'), script, [at('root')]).output();
    expect(new Set(keys).size).toBe(3);
    const storage = new LocalStorage({ root: at('root') });
    const contents = await Promise.all(keys.map((key) => readText(storage, key)));
    expect(contents).toEqual(['replaced', 'second', 'third']);
    expect(filesIn(at('root'))).toEqual([...keys].sort());
  });
});

it('hardLinks: false goes beside a name that another process is just giving away', async () => {
  const storage = new LocalStorage({ root: at('root'), hardLinks: false });
  const staged = await stage(storage, 'x');
  mkdirSync(reservationPath(at('root'), 'Report.txt'));
  expect(await storage.commit(staged, 'report.txt')).toMatch(/^report_[\w-]{8}\.txt$/);
  expect(await put(storage, 'other.txt', 'x')).toBe('other.txt');
});
