import type { DynamicModule, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LocalStorage,
  PrivateStorageModule,
  StagedFile,
  isStoredFile,
  type FileStorage,
  type StagedFileFacts,
} from 'nestjs-private-storage';
import { PrivateStorageTypeOrmModule } from 'nestjs-private-storage/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { optionsOf, type Database } from './databases.js';
import { Dossier } from './entities.js';

interface ArchiveOptions {
  readonly database?: Database;
  readonly more?: Partial<DataSourceOptions>;
  readonly storage?: (root: string) => FileStorage;
  readonly modules?: (Type | DynamicModule)[];
}

/** An app with a database and a storage of its own. */
export interface Archive {
  readonly app: TestingModule;
  readonly dataSource: DataSource;
  staged(name: string, facts?: Partial<StagedFileFacts>): Promise<StagedFile>;
  /** A dossier that was saved with a file of that name. */
  dossier(title: string, fileName?: string): Promise<Dossier>;
  /** The keys of all files in the storage. */
  keys(): Promise<string[]>;
  /** The keys that rows of dossiers name. */
  named(): Promise<string[]>;
  /** How many files wait in the staging area. */
  stagedCount(): Promise<number>;
  close(): Promise<void>;
}

export async function openArchive(options: ArchiveOptions = {}): Promise<Archive> {
  const { database = 'SQLite', more, modules = [PrivateStorageTypeOrmModule] } = options;
  const folder = await mkdtemp(join(tmpdir(), 'archive-'));
  const root = join(folder, 'media');
  const storage = options.storage?.(root) ?? new LocalStorage({ root, fsync: false });
  const dataSource = await new DataSource({
    ...optionsOf(database, folder),
    ...more,
  } as DataSourceOptions).initialize();
  const { schema } = dataSource.options as { schema?: string };
  if (schema) await dataSource.query(`CREATE SCHEMA "${schema}"`);
  await dataSource.synchronize();
  const app = await Test.createTestingModule({
    imports: [
      TypeOrmModule.forRootAsync({
        useFactory: () => ({}),
        dataSourceFactory: async () => dataSource,
      }),
      PrivateStorageModule.forRoot({ storage }),
      ...modules,
    ],
  }).compile();
  await app.init();
  const staged = async (
    name: string,
    facts: Partial<StagedFileFacts> = {},
  ): Promise<StagedFile> => {
    const bytes = await storage.stage(contentOf(name));
    return new StagedFile(storage, bytes, {
      storageName: 'default',
      name,
      contentType: 'application/pdf',
      ...facts,
    });
  };
  return {
    app,
    dataSource,
    staged,
    dossier: async (title, fileName) => {
      const file = fileName === undefined ? null : await staged(fileName);
      return dataSource.manager.save(dataSource.manager.create(Dossier, { title, file }));
    },
    keys: async () => (await filesIn(root)).filter((key) => !key.startsWith('.staging/')),
    named: async () => {
      const query = dataSource.createQueryBuilder(Dossier, 'dossier').addSelect('dossier.annex');
      const files = (await query.getMany()).flatMap(({ file, annex }) => [file, annex]);
      return files.flatMap((file) => (isStoredFile(file) ? [file.key] : [])).sort();
    },
    stagedCount: async () => (await filesIn(join(root, '.staging'))).length,
    close: async () => {
      if (schema) await dataSource.query(`DROP SCHEMA "${schema}" CASCADE`);
      await app.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

async function* contentOf(name: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(`The content of ${name}.`);
}
