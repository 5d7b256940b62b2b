import type { EntityManager } from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES, POOLED } from './databases.js';
import { Dossier } from './entities.js';

describe.each(DATABASES)('a file that moves on %s', (database) => {
  let archive: Archive;
  let manager: EntityManager;
  let one: Dossier;
  let two: Dossier;
  beforeEach(async () => {
    archive = await openArchive({ database });
    manager = archive.dataSource.manager;
    [one, two] = [await archive.dossier('one', 'a.pdf'), await archive.dossier('two', 'b.pdf')];
  });
  afterEach(() => archive.close());

  const staged = () => archive.staged('new.pdf');
  const history = () => manager.create(Dossier, { title: 'history', file: one.file });

  const moves: [string, () => Promise<unknown>, number][] = [
    [
      'to another column of its row',
      async () => manager.save(Object.assign(one, { annex: one.file, file: await staged() })),
      3,
    ],
    [
      'to a row that takes its place',
      () => {
        [one.file, two.file] = [two.file, one.file];
        return manager.save([one, two]);
      },
      2,
    ],
    [
      'to a row that is written first',
      () => {
        [one.file, two.file] = [null, one.file];
        return manager.save([two, one]);
      },
      1,
    ],
    [
      'to a row that is written last',
      () => {
        [one.file, two.file] = [null, one.file];
        return manager.save([one, two]);
      },
      1,
    ],
    [
      'to a new row, while it is replaced',
      async () => manager.save([history(), Object.assign(one, { file: await staged() })]),
      3,
    ],
    [
      'to a new row, and the old one is removed',
      () =>
        archive.dataSource.transaction(async (inner) => {
          await inner.save(history());
          await inner.remove(one);
        }),
      2,
    ],
    [
      'to a new row, and on from there',
      () =>
        archive.dataSource.transaction(async (inner) => {
          const copy = await inner.save(history());
          await inner.save(Object.assign(one, { file: null }));
          await inner.save(Object.assign(copy, { file: await staged() }));
        }),
      2,
    ],
    [
      'to another column, where a partial save leaves it',
      () =>
        archive.dataSource.transaction(async (inner) => {
          const { id, file } = one;
          await inner.save(Dossier, { id, annex: file });
          await inner.save(Dossier, { id, file: null });
        }),
      2,
    ],
    [
      'back in a savepoint that is rolled back',
      () =>
        archive.dataSource.transaction(async (outer) => {
          const { id, file } = one;
          await outer.save(Dossier, { id, file: null });
          const nested = outer.transaction(async (inner) => {
            await inner.save(Dossier, { id, file });
            throw new Error('stop');
          });
          await expect(nested).rejects.toThrow('stop');
        }),
      1,
    ],
  ];
  it.each(moves)('%s', async (_, move, count) => {
    await move();
    const named = await archive.named();
    expect(named).toHaveLength(count);
    expect(await archive.keys()).toEqual(named);
  });
});

for (const database of POOLED) {
  describe(`on ${database} an entity that was read before its file was`, () => {
    let archive: Archive;
    beforeEach(async () => {
      archive = await openArchive({ database });
    });
    afterEach(() => archive.close());

    it.each<[string, string | null]>([
      ['replaced', 'b.pdf'],
      ['removed', null],
    ])('%s leaves the row the file that it has', async (_, name) => {
      const { manager } = archive.dataSource;
      const { id } = await archive.dossier('one', 'a.pdf');
      const early = await manager.findOneByOrFail(Dossier, { id });
      const file = name === null ? null : await archive.staged(name);
      await manager.save(Dossier, { id, file });
      await manager.save(Object.assign(early, { title: 'two' }));
      const found = await manager.findOneByOrFail(Dossier, { id });
      expect(found).toMatchObject({ title: 'two', file: name === null ? null : { name } });
      expect(early.file).toEqual(found.file);
      expect(await archive.keys()).toEqual(await archive.named());
    });
  });
}
