import type { StagedFile, StoredFile } from 'nestjs-private-storage';
import { PrivateFileColumn } from 'nestjs-private-storage/typeorm';
import { AfterInsert, Entity, PrimaryGeneratedColumn, type EntityManager } from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES } from './databases.js';
import { Dossier, entities, Letter } from './entities.js';

@Entity()
class Cleared {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFileColumn() file: StoredFile | StagedFile | null;

  @AfterInsert() clear(): void {
    this.file = null;
  }
}

describe.each(DATABASES)('a new row whose file cannot be stored, on %s', (database) => {
  let archive: Archive;
  let manager: EntityManager;
  beforeEach(async () => {
    archive = await openArchive({ database, more: { entities: [...entities, Cleared] } });
    manager = archive.dataSource.manager;
  });
  afterEach(() => archive.close());

  const gone = async () => {
    const file = await archive.staged('gone.pdf');
    await file.discard();
    return file;
  };

  it('does not stay where the app passes the error over', async () => {
    const file = await gone();
    await manager.transaction(async (inner) => {
      const saving = inner.save(Letter, { file });
      await expect(saving).rejects.toMatchObject({ code: 'STAGED_FILE_GONE' });
    });
    expect(await manager.count(Letter)).toBe(0);
  });

  it('does not stay beside one that is saved at the same time', async () => {
    const files = [await archive.staged('fine.pdf'), await gone()];
    const results = await Promise.allSettled(
      files.map((file) => manager.save(Dossier, { title: file.name, file })),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const found = await manager.find(Dossier);
    expect(found).toMatchObject([{ title: 'fine.pdf', file: { name: 'fine.pdf' } }]);
  });

  it('fails the save when a listener takes the file away after the row was written', async () => {
    const file = await archive.staged('a.pdf');
    await expect(manager.save(manager.create(Cleared, { file }))).rejects.toThrow(
      /^Cleared\.file was changed after its row was written/,
    );
    expect([await manager.count(Cleared), await archive.keys()]).toEqual([0, []]);
  });
});
