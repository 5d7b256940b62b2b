import { openArchive, type Archive } from './archive.js';
import { DATABASES } from './databases.js';
import { Dossier } from './entities.js';

describe.each(DATABASES)('saves at once on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    archive = await openArchive({ database });
  });
  afterEach(() => archive.close());

  const turns = (count: number) =>
    Array.from({ length: count }).reduce<Promise<void>>(
      (before) => before.then(),
      Promise.resolve(),
    );

  it.each([
    ['the first ones', [0, 1, 2, 3, 4], 0],
    ['the last ones', [45, 46, 47, 48, 49], 0],
    ['every tenth', [0, 10, 20, 30, 40], 0],
    ['every tenth, each a turn later', [5, 15, 25, 35, 45], 1],
  ])('give as many files as rows when 5 of 50 fail: %s', async (_, failing, delay) => {
    await archive.dossier('taken');
    const files = await Promise.all(
      Array.from({ length: 50 }, (__, at) => archive.staged(`${at}.pdf`)),
    );
    const results = await Promise.allSettled(
      files.map(async (file, at) => {
        await turns(at * delay);
        return archive.dataSource.manager.save(Dossier, {
          title: failing.includes(at) ? 'taken' : `title ${at}`,
          file,
        });
      }),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(45);
    const found = await archive.dataSource.manager.find(Dossier);
    const named = found.flatMap(({ file }) => (file ? [(file as { key: string }).key] : []));
    expect(named).toHaveLength(45);
    expect(await archive.keys()).toEqual(named.sort());
    expect(await archive.stagedCount()).toBe(5);
    await Promise.all(files.map((file) => file.discard()));
    expect(await archive.stagedCount()).toBe(0);
    expect(found.every(({ version }) => version === 1)).toBe(true);
  });

  it('leave one file when they replace the same one', async () => {
    const { id } = await archive.dossier('one', 'a.pdf');
    const files = await Promise.all(
      Array.from({ length: 20 }, (_, at) => archive.staged(`${at}.pdf`)),
    );
    await Promise.all(files.map((file) => archive.dataSource.manager.save(Dossier, { id, file })));
    const found = await archive.dataSource.manager.findOneByOrFail(Dossier, { id });
    expect(await archive.keys()).toEqual([(found.file as { key: string }).key]);
    expect(await archive.stagedCount()).toBe(0);
  });

  it('keep the old files when half of 20 replacements fail', async () => {
    await archive.dossier('taken');
    const dossiers = [];
    for (let at = 0; at < 20; at++)
      dossiers.push(await archive.dossier(`title ${at}`, `${at}.pdf`));
    const changes = await Promise.all(
      dossiers.map(async ({ id }, at) => ({
        id,
        title: at % 2 ? `other ${at}` : 'taken',
        file: await archive.staged(`new-${at}.pdf`),
      })),
    );
    await Promise.allSettled(
      changes.map((change) => archive.dataSource.manager.save(Dossier, change)),
    );
    const found = await archive.dataSource.manager.find(Dossier);
    const named = found.flatMap(({ file }) => (file ? [(file as { key: string }).key] : []));
    expect(named.filter((key) => key.includes('new-'))).toHaveLength(10);
    expect(await archive.keys()).toEqual(named.sort());
  });

  it.each<[string, (dossier: Dossier) => Promise<unknown>]>([
    ['remove()', (dossier) => archive.dataSource.manager.remove(dossier)],
    [
      'save() of null',
      (dossier) => archive.dataSource.manager.save(Object.assign(dossier, { file: null })),
    ],
  ])('leave as many files as rows name when one fails during %s', async (_, write) => {
    await archive.dossier('taken');
    for (let at = 0; at < 30; at++) {
      const dossier = await archive.dossier(`title ${at}`, 'a.pdf');
      await Promise.allSettled([
        write(dossier),
        turns(at).then(() => archive.dataSource.manager.save(Dossier, { title: 'taken' })),
      ]);
      expect([at, await archive.keys()]).toEqual([at, await archive.named()]);
    }
  });
});
