import { statfsSync, writeFileSync } from 'node:fs';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { describeWithMounts, mountTmpfs, unmountAll } from '../storage/mounts.js';
import { filesIn, temporaryFolder } from '../storage/temporary-folder.js';
import { ADAPTERS, form, startUploads } from './upload-app.js';

const KIB = 1024;

afterEach(unmountAll); // before the folder is removed
const at = temporaryFolder();

describeWithMounts('uploads to a full disk').each(ADAPTERS)('a full disk on %s', (adapter) => {
  it.each([
    ['while a large file arrives', 0, 4096 * KIB],
    ['when a small file is written', 1000 * KIB, 64 * KIB],
  ])('answers 507 %s, and leaves nothing', async (_when, taken, size) => {
    mountTmpfs(at('root'), 'size=1m');
    const { app, url } = await startUploads(adapter, new LocalStorage({ root: at('root') }));
    const post = (length: number): Promise<Response> => {
      const body = form([['archive', [Buffer.alloc(length, 'x'), 'a.txt']]]);
      return fetch(`${url}/archive`, { method: 'POST', body });
    };
    writeFileSync(at('root', 'other'), Buffer.alloc(taken));
    const { bfree } = statfsSync(at('root'));

    const response = await post(size);
    expect([response.status, await response.json()]).toEqual([
      507,
      {
        statusCode: 507,
        error: 'Insufficient Storage',
        message: expect.any(String) as string,
        code: 'STORAGE_FULL',
      },
    ]);
    expect(filesIn(at('root'))).toEqual(['other']);
    expect(statfsSync(at('root')).bfree).toBe(bfree);
    expect((await post(4 * KIB)).status).toBe(201);
    await app.close();
  });
});
