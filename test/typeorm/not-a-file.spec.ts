import type { ObjectLiteral } from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES } from './databases.js';
import { Dossier } from './entities.js';

const uploaded = { originalname: 'b.pdf', mimetype: 'application/pdf', buffer: Buffer.from('b') };

describe.each(DATABASES)('what is no file on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    archive = await openArchive({ database });
  });
  afterEach(() => archive.close());

  const kinds: [string, unknown][] = [
    ['a string', 'junk'],
    ['a string', ''],
    ['a number', 5],
    ['a boolean', false],
    ['a list', [1]],
    ['an object', { buffer: 'junk' }],
    ['an object', { 'nestjs-private-storage': 'waiting' }],
    ["multer's file", uploaded],
    ['bytes', Buffer.from('junk')],
    ['a promise that was not awaited', Promise.resolve(null)],
  ];
  it.each(kinds)('is not saved: %s, %j', async (kind, file) => {
    const { manager } = archive.dataSource;
    const { id } = await archive.dossier('one', 'a.pdf');
    const saves: ObjectLiteral[] = [
      { title: 'new', file },
      { id, title: 'two', file },
    ];
    for (const dossier of saves) {
      const error = await manager.save(Dossier, dossier).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'INVALID_CONFIGURATION',
        message: `Dossier.file holds ${kind}; only a StagedFile, a StoredFile or null can be written there. Put PrivateFileInterceptor(Dossier, 'file') and PrivateFilePipe on the route, or privateFilePipe(Dossier, 'file') where it keeps FileInterceptor, and let no request's body set the property.`,
      });
    }
    const found = await manager.find(Dossier);
    expect(found).toMatchObject([{ title: 'one', version: 1, file: { name: 'a.pdf' } }]);
    expect(await archive.keys()).toEqual([`dossiers/${id}/a.pdf`]);
  });

  const ways: [
    string,
    (archive: Archive, id: number, values: ObjectLiteral) => Promise<unknown>,
  ][] = [
    [
      'insert()',
      ({ dataSource }, _, values) =>
        dataSource.getRepository(Dossier).insert({ title: 'two', ...values }),
    ],
    [
      'update()',
      ({ dataSource }, id, values) => dataSource.getRepository(Dossier).update(id, values),
    ],
    [
      'upsert()',
      ({ dataSource }, _, values) =>
        dataSource.getRepository(Dossier).upsert({ title: 'one', ...values }, ['title']),
    ],
    [
      'query builders that call no listeners',
      ({ dataSource }, id, values) =>
        dataSource
          .createQueryBuilder()
          .update(Dossier)
          .set(values)
          .whereInIds(id)
          .callListeners(false)
          .execute(),
    ],
    [
      'save() without listeners',
      ({ dataSource }, id, values) =>
        dataSource.manager.save(Dossier, { id, ...values }, { listeners: false }),
    ],
  ];
  it.each(ways)('is not written by %s', async (_, write) => {
    const { id } = await archive.dossier('one', 'a.pdf');
    for (const file of ['junk', uploaded]) {
      await expect(write(archive, id, { file })).rejects.toThrow('Dossier.file holds ');
      await expect(write(archive, id, { annex: file })).rejects.toThrow('Dossier.annex holds ');
    }
    const found = await archive.dataSource.manager.find(Dossier);
    expect(found).toMatchObject([{ title: 'one', version: 1, file: { name: 'a.pdf' } }]);
    expect(await archive.keys()).toEqual([`dossiers/${id}/a.pdf`]);
  });

  it('does not keep stored files and expressions out', async () => {
    const dossiers = archive.dataSource.getRepository(Dossier);
    const { id, file } = await archive.dossier('one', 'a.pdf');
    await dossiers.insert({ title: 'copy', file: file as object });
    await dossiers.update(id, { file: () => 'NULL' });
    const found = await dossiers.find({ order: { id: 'ASC' } });
    expect(found).toMatchObject([{ file: null }, { file: { name: 'a.pdf' } }]);
  });

  it('stays in a row that has it from elsewhere, until there is a file', async () => {
    const { manager } = archive.dataSource;
    const { id } = await archive.dossier('one');
    await manager.update(Dossier, id, { file: () => "'[1]'" });
    const found = await manager.findOneByOrFail(Dossier, { id });
    await manager.save(Object.assign(found, { title: 'two' }));
    expect(found).toMatchObject({ title: 'two', file: [1] });
    await manager.save(Object.assign(found, { file: await archive.staged('a.pdf') }));
    expect(await archive.keys()).toEqual([`dossiers/${id}/a.pdf`]);
  });
});
