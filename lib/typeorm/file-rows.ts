import type {
  DeleteQueryBuilder,
  EntityManager,
  EntityMetadata,
  ObjectLiteral,
  UpdateQueryBuilder,
} from 'typeorm';
import { fileOf } from '../entity/entity-files.js';
import { isStoredFile, type StoredFile } from '../file/stored-file.js';
import type { FileColumn } from './file-columns.js';

/** A row and some of its private columns. */
export interface FileRow {
  readonly manager: EntityManager;
  readonly metadata: EntityMetadata;
  readonly id: unknown;
  readonly columns: readonly FileColumn[];
}

/** What the columns hold, as it is written in the row; undefined when there is no such row. */
export type ColumnTexts = readonly (string | null)[] | undefined;

/** For what a row is locked while it is read. */
export type RowLock = 'pessimistic_write' | 'for_no_key_update';

/** Reads the columns, those that are not selected by default included, and never from TypeORM's cache. */
export async function readColumns(
  { manager, metadata, id, columns }: FileRow,
  lock?: RowLock,
): Promise<ColumnTexts> {
  const query = manager.createQueryBuilder(metadata.target, 'owner').whereInIds(id).withDeleted();
  query.select([]).cache(false);
  columns.forEach(({ field }, at) => query.addSelect(`owner.${field.property}`, `file${at}`));
  if (lock) query.setLock(lock);
  const row: Record<string, unknown> | undefined = await query.getRawOne();
  return row && columns.map((_, at) => textOf(row[`file${at}`]));
}

/** The files that texts of columns name. */
export function filesIn(texts: ColumnTexts): StoredFile[] {
  return (texts ?? []).map((text) => (text === null ? null : parse(text))).filter(isStoredFile);
}

/**
 * Writes what the entity's private fields hold, and nothing else: the version and the date of the last update are the
 * business of the statement before. With `expected` a row is written only while it holds that.
 * Returns false when no row was written.
 */
export async function writeColumns(
  { manager, metadata, id, columns }: FileRow,
  entity: object,
  expected?: ColumnTexts,
): Promise<boolean> {
  const update = manager.createQueryBuilder().update(metadata.target);
  const values: ObjectLiteral = {};
  for (const { field } of columns) values[field.property] = fileOf(entity, field);
  for (const column of [metadata.versionColumn, metadata.updateDateColumn]) {
    if (column)
      Object.assign(
        values,
        column.createValueMap(() => update.escape(column.databaseName)),
      );
  }
  const query = update.set(values).whereInIds(id).updateEntity(false).callListeners(false);
  whileItHolds(query, columns, expected);
  const { affected } = await query.execute();
  return affected !== 0; // not every driver counts
}

/** Deletes a row while its columns hold what is expected. */
export async function deleteRow(
  { manager, metadata, id, columns }: FileRow,
  expected: ColumnTexts,
): Promise<void> {
  const query = manager.createQueryBuilder().delete().from(metadata.target).whereInIds(id);
  whileItHolds(query, columns, expected);
  await query.callListeners(false).execute();
}

function whileItHolds(
  query: UpdateQueryBuilder<ObjectLiteral> | DeleteQueryBuilder<ObjectLiteral>,
  columns: readonly FileColumn[],
  expected: ColumnTexts = [],
): void {
  for (const [at, text] of expected.entries()) {
    const name = query.escape(columns[at]?.column.databaseName ?? '');
    if (text === null) query.andWhere(`${name} IS NULL`);
    else query.andWhere(`${name} = :expected${at}`, { [`expected${at}`]: text });
  }
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
