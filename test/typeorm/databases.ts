import libsql from 'libsql';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities.js';
import { startPostgres } from './postgres.js';

export type Database = 'SQLite' | 'PostgreSQL';

const postgres = await startPostgres();

/** All saves share one connection of SQLite; on PostgreSQL each has one of its own. */
export const DATABASES: readonly Database[] = postgres ? ['SQLite', 'PostgreSQL'] : ['SQLite'];

afterAll(() => postgres?.stop());

/** An empty database, in `folder` or in a schema of its own. */
export function optionsOf(database: Database, folder: string): DataSourceOptions {
  if (database === 'SQLite') {
    const place = join(folder, 'app.sqlite');
    return { type: 'better-sqlite3', driver: libsql, database: place, entities };
  }
  return { type: 'postgres', url: postgres?.url, schema: `t${randomUUID()}`, entities };
}
