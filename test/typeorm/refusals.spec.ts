import { LocalStorage, PrivateStorageService, type StagedFile } from 'nestjs-private-storage';
import { openArchive, type Archive } from './archive.js';
import { DATABASES, NOT_UNIQUE, POOLED } from './databases.js';
import { Dossier } from './entities.js';

/** As a storage across a network is. */
const slowStorage = (root: string): LocalStorage =>
  Object.assign(new LocalStorage({ root }), { canCommitSync: false });

describe.each(DATABASES)('a StagedFile on %s', (database) => {
  let archive: Archive;
  let file: StagedFile;
  beforeEach(async () => {
    archive = await openArchive({ database });
    file = await archive.staged('b.pdf');
  });
  afterEach(() => archive.close());

  const ways: [string, (archive: Archive, id: number, file: StagedFile) => Promise<unknown>][] = [
    [
      'insert()',
      ({ dataSource }, _, file) => dataSource.getRepository(Dossier).insert({ title: 'two', file }),
    ],
    [
      'update()',
      ({ dataSource }, id, file) => dataSource.getRepository(Dossier).update(id, { file }),
    ],
    [
      'upsert()',
      ({ dataSource }, _, file) =>
        dataSource.getRepository(Dossier).upsert({ title: 'one', file }, ['title']),
    ],
    [
      'insert() in a transaction',
      ({ dataSource }, _, file) =>
        dataSource.transaction((manager) => manager.insert(Dossier, { title: 'two', file })),
    ],
    [
      'a query builder that calls no listeners',
      ({ dataSource }, _, file) =>
        dataSource
          .createQueryBuilder()
          .insert()
          .into(Dossier)
          .values({ title: 'two', file })
          .callListeners(false)
          .execute(),
    ],
    [
      'save() of a new entity without listeners',
      ({ dataSource }, _, file) =>
        dataSource.manager.save(Dossier, { title: 'two', file }, { listeners: false }),
    ],
    [
      'save() of an old entity without listeners',
      ({ dataSource }, id, file) =>
        dataSource.manager.save(Dossier, { id, title: 'two', file }, { listeners: false }),
    ],
    [
      'save() of a new entity without a transaction',
      ({ dataSource }, _, file) =>
        dataSource.manager.save(Dossier, { title: 'two', file }, { transaction: false }),
    ],
    [
      'save() of an old entity without a transaction',
      ({ dataSource }, id, file) =>
        dataSource.manager.save(Dossier, { id, title: 'two', file }, { transaction: false }),
    ],
  ];
  it.each(ways)('is refused by %s, and nothing is written', async (_, write) => {
    const { id } = await archive.dossier('one', 'a.pdf');
    await expect(write(archive, id, file)).rejects.toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: expect.stringContaining('only save() can store: write repository.save(entity)'),
    });
    const found = await archive.dataSource.manager.find(Dossier);
    expect(found).toMatchObject([{ title: 'one', version: 1, file: { name: 'a.pdf' } }]);
    expect(await archive.keys()).toEqual([`dossiers/${id}/a.pdf`]);
    expect(await archive.stagedCount()).toBe(1);
  });
});

describe('a storage that cannot commit at once', () => {
  for (const database of POOLED)
    it(`is awaited on ${database}, where each save has a connection`, async () => {
      const archive = await openArchive({ database, storage: slowStorage });
      const { manager } = archive.dataSource;
      const dossier = await archive.dossier('one', 'a.pdf');
      await manager.save(Object.assign(dossier, { file: await archive.staged('b.pdf') }));
      expect(await archive.keys()).toEqual([`dossiers/${dossier.id}/b.pdf`]);
      const [fine, broken] = [await archive.staged('c.pdf'), await archive.staged('d.pdf')];
      const both = [
        { title: 'two', file: fine },
        { title: 'one', file: broken },
      ];
      await expect(manager.save(Dossier, both)).rejects.toThrow(NOT_UNIQUE[database]);
      expect(await archive.keys()).toEqual([`dossiers/${dossier.id}/b.pdf`]);
      await archive.close();
    });

  it('is refused where saves share a connection, and committed before the save instead', async () => {
    const archive = await openArchive({ storage: slowStorage });
    const { manager } = archive.dataSource;
    const entity = await archive.dossier('one');
    entity.file = await archive.staged('a.pdf');
    await expect(manager.save(entity)).rejects.toThrow(
      'await files.commit(entity, () => repository.save(entity))',
    );
    const files = archive.app.get(PrivateStorageService);
    await files.commit(entity, () => manager.save(entity));
    expect(await archive.keys()).toEqual([`dossiers/${entity.id}/a.pdf`]);
    entity.file = await archive.staged('b.pdf');
    await files.commit(entity, () => manager.save(entity));
    expect(await archive.keys()).toEqual([`dossiers/${entity.id}/b.pdf`]);
    await archive.close();
  });
});
