import type { EntityManager } from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES } from './databases.js';
import { Dossier, Photo } from './entities.js';

describe.each(DATABASES)('a file that a save is not given, on %s,', (database) => {
  let archive: Archive;
  let manager: EntityManager;
  beforeEach(async () => {
    archive = await openArchive({ database });
    manager = archive.dataSource.manager;
  });
  afterEach(() => archive.close());

  const find = (id: number) => manager.findOneByOrFail(Dossier, { id });

  it('stays in the row and in the entity, however often that is saved', async () => {
    const { id, file } = await archive.dossier('one', 'a.pdf');
    const found = await find(id);
    await manager.save(Object.assign(found, { title: 'two', file: undefined }));
    expect(found.file).toEqual(JSON.parse(JSON.stringify(file)));
    await manager.save(Object.assign(found, { title: 'three' }));
    expect(await find(id)).toMatchObject({ title: 'three', file: { name: 'a.pdf' } });
    expect(await archive.keys()).toEqual([`dossiers/${id}/a.pdf`]);
  });

  it('is told to who saves an entity in part', async () => {
    const { id } = await archive.dossier('one', 'a.pdf');
    const saved = await manager.getRepository(Dossier).save({ id, title: 'two' });
    expect(saved).toMatchObject({ file: { name: 'a.pdf' } });
    await manager.save(Dossier, Object.assign(saved, { title: 'three' }));
    expect(await archive.keys()).toEqual([`dossiers/${id}/a.pdf`]);
  });

  it('is none where the row has none', async () => {
    const dossier = await archive.dossier('one');
    await manager.save(Object.assign(dossier, { title: 'two', file: undefined }));
    expect(dossier.file).toBeNull();
  });

  it('stays where its column was not selected', async () => {
    const annex = await archive.staged('x.pdf');
    const { id } = await manager.save(Dossier, { title: 'one', annex });
    const found = await find(id);
    for (const title of ['two', 'three']) {
      await manager.save(Object.assign(found, { title }));
      expect(found.annex).toBeUndefined();
    }
    expect(await archive.keys()).toEqual(['annexes/x.pdf']);
    await manager.save(Object.assign(found, { title: 'four', annex: null }));
    expect(found.annex).toBeNull();
    expect(await archive.keys()).toEqual([]);
  });

  it('stays with what is removed softly, and recovered', async () => {
    const [file, annex] = [await archive.staged('a.pdf'), await archive.staged('x.pdf')];
    const { id } = await manager.save(Dossier, { title: 'one', file, annex });
    const found = await find(id);
    await manager.softRemove(Object.assign(found, { file: undefined }));
    await manager.save(Object.assign(found, { title: 'two' }));
    await manager.recover(Object.assign(found, { file: undefined }));
    await manager.save(Object.assign(found, { title: 'three' }));
    expect(await archive.keys()).toEqual(['annexes/x.pdf', `dossiers/${id}/a.pdf`]);
  });

  it('keeps its width and height', async () => {
    const image = await archive.staged('a.png', {
      contentType: 'image/png',
      width: 320,
      height: 200,
    });
    await manager.save(Photo, { id: 'p', image });
    const photo = manager.create(Photo, { id: 'p', width: 1 });
    await manager.save(photo);
    expect(photo).toMatchObject({ height: 200, image: { name: 'a.png' } });
    await manager.save(Object.assign(photo, { width: 320 }));
    expect(await manager.findOneByOrFail(Photo, { id: 'p' })).toMatchObject({
      width: 320,
      height: 200,
      image: { name: 'a.png' },
    });
  });

  it('stays when an update fails behind the row, and is tried again', async () => {
    const [file, annex] = [await archive.staged('a.pdf'), await archive.staged('x.pdf')];
    const { id } = await manager.save(Dossier, { title: 'one', file, annex });
    const found = Object.assign(await find(id), { title: 'two', file: undefined });
    archive.dataSource.subscribers.push({ afterUpdate: () => fail() });
    await expect(manager.save(found)).rejects.toThrow('no');
    archive.dataSource.subscribers.pop();
    await manager.save(found);
    expect(await find(id)).toMatchObject({ title: 'two', file: { name: 'a.pdf' } });
    expect(await archive.keys()).toEqual(['annexes/x.pdf', `dossiers/${id}/a.pdf`]);
  });
});

function fail(): never {
  throw new Error('no');
}
