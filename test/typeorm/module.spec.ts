import type { Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import libsql from 'libsql';
import {
  MemoryStorage,
  PrivateFile,
  PrivateStorageModule,
  StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { PrivateFileColumn, PrivateStorageTypeOrmModule } from 'nestjs-private-storage/typeorm';
import {
  ChildEntity,
  Column,
  Entity,
  getMetadataArgsStorage,
  PrimaryGeneratedColumn,
  TableInheritance,
  type DataSource,
} from 'typeorm';
import { openArchive } from './archive.js';
import { Dossier, entities } from './entities.js';

class Cover {
  @PrivateFileColumn() file: StoredFile | null;
}

@Entity()
class Book {
  @PrimaryGeneratedColumn() id: number;
  @Column(() => Cover) cover: Cover;
}

@Entity()
class Note {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFile() @Column('simple-json', { nullable: true }) file: StoredFile | null;
}

@Entity()
class Draft {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFile() file: StoredFile | null;
}

@Entity()
class Scan {
  @PrimaryGeneratedColumn() id: number;
  @Column() path: string;

  @PrivateFile() get file(): StoredFile {
    const contentType = 'image/png';
    return {
      storage: 'default',
      key: this.path,
      name: 'scan',
      size: 1,
      contentType,
      uploadedAt: '',
    };
  }
}

@Entity()
class Invoice {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFileColumn({ storage: 'invoices' }) file: StoredFile | null;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
class Animal {
  @PrimaryGeneratedColumn() id: number;
}

@ChildEntity()
class Dog extends Animal {
  @PrivateFileColumn() photo: StoredFile | null;
}

@ChildEntity()
class Puppy extends Dog {
  @PrivateFileColumn() pedigree: StoredFile | null;
}

const database = (entity: Type | Type[], name?: string) =>
  TypeOrmModule.forRoot({
    name,
    type: 'better-sqlite3',
    driver: libsql,
    database: ':memory:',
    entities: [entity].flat(),
    synchronize: true,
  });
const start = (imports: Parameters<typeof Test.createTestingModule>[0]['imports']) =>
  Test.createTestingModule({ imports })
    .compile()
    .then((app) => app.init());

describe('PrivateStorageTypeOrmModule', () => {
  const storage = new MemoryStorage();
  const files = PrivateStorageModule.forRoot({ storage });
  const staged = async () =>
    new StagedFile(
      storage,
      await storage.stage(
        (async function* () {
          yield Buffer.from('x');
        })(),
      ),
      { storageName: 'default', name: 'a.txt', contentType: 'text/plain' },
    );

  it('is asked for by a save that meets a StagedFile without it', async () => {
    const archive = await openArchive({ modules: [] });
    const { id } = await archive.dossier('one');
    for (const dossier of [{ title: 'two' }, { id }]) {
      const file = await archive.staged('a.pdf');
      const save = archive.dataSource.manager.save(Dossier, { ...dossier, file });
      await expect(save).rejects.toThrow(
        'add PrivateStorageTypeOrmModule to the imports of the app',
      );
    }
    expect(await archive.dataSource.manager.find(Dossier)).toMatchObject([
      { title: 'one', file: null },
    ]);
    expect(await archive.keys()).toEqual([]);
    await archive.close();
  });

  it('serves data sources with a name, each on its own', async () => {
    @Entity()
    class Memo {
      @PrimaryGeneratedColumn() id: number;
      @PrivateFileColumn() file: StagedFile | StoredFile | null;
    }
    const served = PrivateStorageTypeOrmModule.forDataSource('served');
    const app = await start([database(Memo, 'served'), database(Memo, 'forgotten'), files, served]);
    const save = async (name: string) =>
      app.get<DataSource>(getDataSourceToken(name)).manager.save(Memo, { file: await staged() });
    expect((await save('served')).file).toMatchObject({ key: 'a.txt' });
    await expect(save('forgotten')).rejects.toThrow('forDataSource(name)');
    await app.close();
  });

  it('does not start without a data source', async () => {
    await expect(start([files, PrivateStorageTypeOrmModule])).rejects.toThrow(
      'found no default data source; import TypeOrmModule.forRoot()',
    );
    await expect(start([files, PrivateStorageTypeOrmModule.forDataSource('x')])).rejects.toThrow(
      'found no data source "x"',
    );
  });

  it('does not start without PrivateStorageModule', async () => {
    await expect(start([database(Dossier), PrivateStorageTypeOrmModule])).rejects.toThrow(
      'needs PrivateStorageModule.forRoot()',
    );
  });

  it('does not start with a private file in an embedded class', async () => {
    await expect(start([database(Book), files, PrivateStorageTypeOrmModule])).rejects.toThrow(
      'Book.cover.file: a private file cannot be kept in an embedded class',
    );
  });

  it('does not start with a column of another decorator', async () => {
    await expect(start([database(Note), files, PrivateStorageTypeOrmModule])).rejects.toThrow(
      'Note.file: write @PrivateFileColumn()',
    );
  });

  it('does not start with a private file that has no column', async () => {
    await expect(start([database(Draft), files, PrivateStorageTypeOrmModule])).rejects.toThrow(
      'Draft.file has no column, and save() would store nothing of it; write @PrivateFileColumn()',
    );
  });

  it('starts with a getter that finds its file elsewhere, and with columns of subclasses', async () => {
    const entities = [Scan, Animal, Dog, Puppy];
    const app = await start([database(entities), files, PrivateStorageTypeOrmModule]);
    const { manager } = app.get<DataSource>(getDataSourceToken());
    await manager.save(Scan, { path: 'scan.png' });
    expect(await manager.findOneByOrFail(Scan, { id: 1 })).toMatchObject({
      file: { key: 'scan.png' },
    });
    await app.close();
  });

  it('does not start with a column whose storage does not exist', async () => {
    const message =
      'There is no storage called "invoices"; PrivateStorageModule was given: default.';
    const named = PrivateStorageTypeOrmModule.forDataSource('named');
    for (const imports of [
      [database(Invoice), PrivateStorageTypeOrmModule],
      [database(Invoice, 'named'), named],
    ])
      await expect(start([...imports, files])).rejects.toThrow(message);
  });
});

describe('PrivateFileColumn', () => {
  it('refuses column options that it does not know', () => {
    expect(() => PrivateFileColumn({}, { update: false } as object)).toThrow(
      'unknown option "update"; there are: name, nullable, select, comment.',
    );
  });

  it('passes column options on', () => {
    const columns = getMetadataArgsStorage().columns.filter(({ target }) => target === entities[0]);
    const options = (name: string) =>
      columns.find(({ propertyName }) => propertyName === name)?.options;
    expect(options('file')).toMatchObject({ type: 'simple-json', nullable: true });
    expect(options('annex')).toMatchObject({ name: 'annex_file', select: false });
  });
});
