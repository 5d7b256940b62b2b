import libsql from 'libsql';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities.js';

export type Database = 'SQLite' | 'PostgreSQL';

const POSTGRES_URL = process.env.TEST_POSTGRES_URL;
const pg: unknown = POSTGRES_URL && (await import(process.env.TEST_POSTGRES_DRIVER ?? 'pg'));

/** PostgreSQL, with `pg` installed, where TEST_POSTGRES_URL says where: one save, one connection. */
export const DATABASES: readonly Database[] = POSTGRES_URL ? ['SQLite', 'PostgreSQL'] : ['SQLite'];

if (!POSTGRES_URL) {
  process.stderr.write(
    'TypeORM on PostgreSQL is not tested: set TEST_POSTGRES_URL and install pg.\n',
  );
}

/** An empty database, in `folder` or in a schema of its own. */
export function optionsOf(database: Database, folder: string): DataSourceOptions {
  if (database === 'SQLite') {
    const place = join(folder, 'app.sqlite');
    return { type: 'better-sqlite3', driver: libsql, database: place, entities };
  }
  const driver = (pg as { default: unknown }).default;
  return { type: 'postgres', driver, url: POSTGRES_URL, schema: `t${randomUUID()}`, entities };
}
