import libsql from 'libsql';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities.js';
import { startMariaDB } from './mariadb.js';
import { startPostgres } from './postgres.js';

export type Database = 'SQLite' | 'PostgreSQL' | 'MariaDB';

const postgres = await startPostgres();
const mariadb = await startMariaDB();

/** All saves share one connection of SQLite; on the others each has one of its own. */
export const DATABASES: readonly Database[] = [
  'SQLite',
  ...(postgres ? ['PostgreSQL' as const] : []),
  ...(mariadb ? ['MariaDB' as const] : []),
];

/** What databases say of a row that is there already. */
export const NOT_UNIQUE = /unique|duplicate/i;

afterAll(() => Promise.all([postgres?.stop(), mariadb?.stop()]));

/** An empty database: in `folder`, in a schema of its own, or without the tables of the one before. */
export function optionsOf(database: Database, folder: string): DataSourceOptions {
  if (database === 'SQLite') {
    const place = join(folder, 'app.sqlite');
    return { type: 'better-sqlite3', driver: libsql, database: place, entities };
  }
  if (database === 'MariaDB')
    return { type: 'mariadb', url: mariadb?.url, dropSchema: true, entities };
  return { type: 'postgres', url: postgres?.url, schema: `t${randomUUID()}`, entities };
}
