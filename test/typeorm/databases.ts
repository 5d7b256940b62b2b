import libsql from 'libsql';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { entities } from './entities.js';
import { canTest } from '../programs.js';
import type { DatabaseServer } from './database-server.js';
import { hasMariaDB, startMariaDB } from './mariadb.js';
import { hasPostgres, startPostgres } from './postgres.js';

export type Database = 'SQLite' | 'PostgreSQL' | 'MariaDB';

const SERVERS = [
  { name: 'PostgreSQL', isInstalled: hasPostgres, start: startPostgres },
  { name: 'MariaDB', isInstalled: hasMariaDB, start: startMariaDB },
] as const;
const installed = SERVERS.filter((server) =>
  canTest(server.isInstalled(), `not installed here: ${server.name}`),
);
const running: Partial<Record<Database, DatabaseServer>> = {};

/** Those on which each save has a connection of its own. */
export const POOLED: readonly Database[] = installed.map(({ name }) => name);
/** All saves share one connection of SQLite. */
export const DATABASES: readonly Database[] = ['SQLite', ...POOLED];

beforeAll(async () => {
  for (const { name, start } of installed) running[name] = await start();
}, 120_000);
afterAll(() => Promise.all(Object.values(running).map((server) => server.stop())));

/** What they say of a row that is there already. */
export const NOT_UNIQUE: Record<Database, RegExp> = {
  SQLite: /unique/i,
  PostgreSQL: /unique/,
  MariaDB: /^Duplicate entry/,
};

/** An empty database: in `folder`, in a schema of its own, or without the tables of the one before. */
export function optionsOf(database: Database, folder: string): DataSourceOptions {
  if (database === 'SQLite') {
    const place = join(folder, 'app.sqlite');
    return { type: 'better-sqlite3', driver: libsql, database: place, entities };
  }
  if (database === 'MariaDB')
    return { type: 'mariadb', url: running.MariaDB?.url, dropSchema: true, entities };
  return { type: 'postgres', url: running.PostgreSQL?.url, schema: `t${randomUUID()}`, entities };
}
