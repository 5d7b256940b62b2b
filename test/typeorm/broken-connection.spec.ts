import { openArchive, type Archive } from './archive.js';
import { startCutProxy, type CutProxy } from './cut-proxy.js';
import { DATABASES, optionsOf } from './databases.js';
import { describeIf } from '../programs.js';

const hasPostgres = DATABASES.includes('PostgreSQL');
describeIf(hasPostgres, 'no PostgreSQL, for a broken connection')(
  'a connection that breaks',
  () => {
    let proxy: CutProxy;
    let archive: Archive;
    beforeEach(async () => {
      const { url } = optionsOf('PostgreSQL', '') as { url: string };
      proxy = await startCutProxy(url);
      archive = await openArchive({ database: 'PostgreSQL', more: { url: proxy.url } as object });
    });
    afterEach(async () => {
      await archive.close();
      proxy.stop();
    });

    it('before the answer to COMMIT leaves the file that the row names', async () => {
      const { manager } = archive.dataSource;
      const dossier = await archive.dossier('one', 'old.pdf');
      const file = await archive.staged('new.pdf');
      proxy.cutNextCommit();
      await expect(manager.save(Object.assign(dossier, { file }))).rejects.toThrow(/terminated/);
      await file.discard();
      const [named] = await archive.named();
      expect(named).toBe(`dossiers/${dossier.id}/new.pdf`);
      expect(await archive.keys()).toContain(named);
    });
  },
);
