import { StagedFile, type StoredFile } from 'nestjs-private-storage';
import { openArchive, type Archive } from './archive.js';
import { DATABASES, NOT_UNIQUE } from './databases.js';
import { Contract, Dossier, Folder, Letter, Page, Paper, Photo } from './entities.js';

const keyOf = (file: unknown): string => (file as StoredFile).key;

describe.each(DATABASES)('save() on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    archive = await openArchive({ database });
  });
  afterEach(() => archive.close());

  const find = (id: number) => archive.dataSource.manager.findOneByOrFail(Dossier, { id });

  it('stores a file under a key that uses the generated id', async () => {
    const file = await archive.staged('a.pdf');
    const created = await archive.dataSource.manager.save(
      Object.assign(new Dossier(), { title: 'one', customer: 'acme', file }),
    );
    const found = await find(created.id);
    expect(keyOf(found.file)).toBe(`dossiers/${created.id}/acme/a.pdf`);
    expect(found).toMatchObject({ file: created.file, version: 1, updatedAt: created.updatedAt });
    expect(await archive.keys()).toEqual([keyOf(found.file)]);
    expect(await archive.stagedCount()).toBe(0);
  });

  it('takes plain objects', async () => {
    const file = await archive.staged('a.pdf');
    const { id } = await archive.dataSource
      .getRepository(Dossier)
      .save({ title: 'plain', customer: 'acme', file });
    expect(keyOf((await find(id)).file)).toBe(`dossiers/${id}/acme/a.pdf`);
  });

  it('replaces a file, and deletes the old one', async () => {
    const dossier = await archive.dossier('one', 'a.pdf');
    dossier.file = await archive.staged('b.pdf');
    await archive.dataSource.manager.save(dossier);
    const found = await find(dossier.id);
    expect(keyOf(found.file)).toBe(`dossiers/${dossier.id}/b.pdf`);
    expect(found).toMatchObject({ version: 2, updatedAt: dossier.updatedAt });
    expect(await archive.keys()).toEqual([keyOf(found.file)]);
  });

  it('replaces the file of an entity that is given in part only', async () => {
    const file = await archive.staged('a.pdf');
    const repository = archive.dataSource.getRepository(Dossier);
    const { id } = await repository.save({ title: 'one', customer: 'acme', file });
    await repository.save({ id, file: await archive.staged('b.pdf') });
    expect(await archive.keys()).toEqual([`dossiers/${id}/acme/b.pdf`]);
  });

  it('deletes the file when its field becomes null', async () => {
    const dossier = await archive.dossier('one', 'a.pdf');
    await archive.dataSource.manager.save(Object.assign(dossier, { file: null }));
    expect((await find(dossier.id)).file).toBeNull();
    expect(await archive.keys()).toEqual([]);
  });

  it('deletes the file when another stored one takes its place', async () => {
    const one = await archive.dossier('one', 'a.pdf');
    const two = await archive.dossier('two', 'b.pdf');
    await archive.dataSource.manager.save(Object.assign(one, { file: two.file }));
    expect(await archive.keys()).toEqual([keyOf(two.file)]);
  });

  it('writes nothing when the file has not changed', async () => {
    const { id } = await archive.dossier('one', 'a.pdf');
    const again = await archive.dataSource.manager.save(await find(id));
    expect(again.version).toBe(1);
    expect(await archive.keys()).toHaveLength(1);
  });

  it('looks after columns that are not selected, and have another name', async () => {
    const dossier = await archive.dossier('one', 'a.pdf');
    const { manager } = archive.dataSource;
    await manager.save(
      Object.assign(await find(dossier.id), { annex: await archive.staged('x.pdf') }),
    );
    await manager.save(
      Object.assign(await find(dossier.id), { annex: await archive.staged('y.pdf') }),
    );
    expect(await archive.keys()).toEqual(['annexes/y.pdf', keyOf(dossier.file)]);
    await manager.save(Object.assign(await find(dossier.id), { annex: null }));
    expect(await archive.keys()).toEqual([keyOf(dossier.file)]);
  });

  it('stores several files of one entity', async () => {
    const [file, annex] = [await archive.staged('a.pdf'), await archive.staged('b.pdf')];
    const { id } = await archive.dataSource
      .getRepository(Dossier)
      .save({ title: 'both', file, annex });
    expect(await archive.keys()).toEqual(['annexes/b.pdf', `dossiers/${id}/a.pdf`]);
  });

  it('stores the file of a column that is not nullable, under an id that the ORM makes', async () => {
    const letter = Object.assign(new Letter(), { file: await archive.staged('a.pdf') });
    await archive.dataSource.manager.save(letter);
    expect(await archive.keys()).toEqual([`${letter.id}/a.pdf`]);
    const found = await archive.dataSource.manager.findOneByOrFail(Letter, { id: letter.id });
    expect(found.file).toEqual(JSON.parse(JSON.stringify(letter.file)));
  });

  it("records an image's width and height", async () => {
    const { manager } = archive.dataSource;
    const image = await archive.staged('a.png', {
      contentType: 'image/png',
      width: 320,
      height: 200,
    });
    await manager.save(Object.assign(new Photo(), { id: 'p', image }));
    expect(await manager.findOneByOrFail(Photo, { id: 'p' })).toMatchObject({
      width: 320,
      height: 200,
      image: { width: 320 },
    });
    await manager.save(Photo, {
      id: 'p',
      image: await archive.staged('b.png', { contentType: 'image/png', width: 10, height: 20 }),
    });
    expect(await manager.findOneByOrFail(Photo, { id: 'p' })).toMatchObject({
      width: 10,
      height: 20,
    });
    expect(await archive.keys()).toEqual(['b.png']);
  });

  it('stores the files of entities that are saved by cascade, and deletes those of orphans', async () => {
    const { manager } = archive.dataSource;
    const files = [await archive.staged('a.pdf'), await archive.staged('b.pdf')];
    const folder = manager.create(Folder, {
      pages: files.map((file) => manager.create(Page, { file })),
    });
    await manager.save(folder);
    const [first, second] = folder.pages;
    expect(await archive.keys()).toEqual([`page-${first?.id}/a.pdf`, `page-${second?.id}/b.pdf`]);
    folder.pages = [first!];
    await manager.save(folder);
    expect(await manager.count(Page)).toBe(1);
    expect(await archive.keys()).toEqual([`page-${first?.id}/a.pdf`]);
  });

  it('stores the files of inherited fields', async () => {
    const { manager } = archive.dataSource;
    const contract = manager.create(Contract, {
      file: await archive.staged('a.pdf'),
      signature: await archive.staged('s.pdf'),
    });
    await manager.save(contract);
    expect(await archive.keys()).toEqual(['papers/a.pdf', 'signatures/s.pdf']);
    const found = await manager.findOneByOrFail(Paper, { id: contract.id });
    await manager.save(Object.assign(found, { file: await archive.staged('b.pdf') }));
    expect(await archive.keys()).toEqual(['papers/b.pdf', 'signatures/s.pdf']);
    await manager.remove(found);
    expect(await archive.keys()).toEqual([]);
  });

  it('leaves no file when the row cannot be written, and stores it at the second try', async () => {
    await archive.dossier('taken');
    const file = await archive.staged('a.pdf');
    const dossier = archive.dataSource.manager.create(Dossier, { title: 'taken', file });
    await expect(archive.dataSource.manager.save(dossier)).rejects.toThrow(NOT_UNIQUE[database]);
    expect(dossier.file).toBe(file);
    expect(await archive.keys()).toEqual([]);
    await archive.dataSource.manager.save(Object.assign(dossier, { title: 'free' }));
    expect(await archive.keys()).toEqual([`dossiers/${dossier.id}/a.pdf`]);
  });

  it('keeps the old file when the row cannot be written', async () => {
    await archive.dossier('taken');
    const dossier = await archive.dossier('one', 'a.pdf');
    const file = await archive.staged('b.pdf');
    await expect(
      archive.dataSource.manager.save(Object.assign(dossier, { title: 'taken', file })),
    ).rejects.toThrow(NOT_UNIQUE[database]);
    expect(dossier.file).toBe(file);
    expect(await archive.keys()).toEqual([`dossiers/${dossier.id}/a.pdf`]);
    await file.discard();
    expect(await archive.stagedCount()).toBe(0);
  });

  it('refuses a file that does not fit the field before anything is written', async () => {
    const file = await archive.staged('a.txt', { contentType: 'text/plain' });
    const { manager } = archive.dataSource;
    await expect(manager.save(Dossier, { title: 'text', file })).rejects.toMatchObject({
      code: 'FILE_TYPE_NOT_SUPPORTED',
    });
    expect(await manager.count(Dossier)).toBe(0);
    expect(file).toBeInstanceOf(StagedFile);
  });

  it('takes everything back when one of several files cannot be stored', async () => {
    const [file, annex] = [await archive.staged('a.pdf'), await archive.staged('b.pdf')];
    await annex.discard();
    const dossier = archive.dataSource.manager.create(Dossier, { title: 'both', file, annex });
    await expect(archive.dataSource.manager.save(dossier)).rejects.toMatchObject({
      code: 'STAGED_FILE_GONE',
    });
    expect([dossier.file, dossier.annex]).toEqual([file, annex]);
    expect(await archive.keys()).toEqual([]);
    expect(await archive.stagedCount()).toBe(1);
    expect(await archive.dataSource.manager.count(Dossier)).toBe(0);
  });
});

describe.each(DATABASES)('remove() on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    archive = await openArchive({ database });
  });
  afterEach(() => archive.close());

  it('deletes the files, unselected ones too', async () => {
    const { manager } = archive.dataSource;
    const [file, annex] = [await archive.staged('a.pdf'), await archive.staged('b.pdf')];
    const { id } = await manager.save(Dossier, { title: 'both', file, annex });
    await manager.remove(await manager.findOneByOrFail(Dossier, { id }));
    expect(await archive.keys()).toEqual([]);
  });

  it('keeps the files of what is removed softly, until it is removed for good', async () => {
    const { manager } = archive.dataSource;
    const dossier = await archive.dossier('one', 'a.pdf');
    await manager.softRemove(dossier);
    expect(await archive.keys()).toHaveLength(1);
    await manager.remove(dossier);
    expect(await archive.keys()).toEqual([]);
  });

  it('works without a transaction', async () => {
    await archive.dataSource.manager.remove(await archive.dossier('one', 'a.pdf'), {
      transaction: false,
    });
    expect(await archive.keys()).toEqual([]);
  });
});
