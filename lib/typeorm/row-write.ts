import type { EntityManager, EntityMetadata, ObjectLiteral, QueryRunner } from 'typeorm';
import type { DataSourceFiles } from './data-source-files.js';
import type { FileColumn } from './file-columns.js';

/** What TypeORM tells when it writes a row. */
export interface RowEvent {
  readonly queryRunner: QueryRunner;
  readonly manager: EntityManager;
  readonly metadata: EntityMetadata;
}

/** One row that `save()` writes: what the app gave for it, and what the database had, as far as it was read. */
export interface RowWrite {
  readonly event: RowEvent;
  readonly entity: ObjectLiteral;
  readonly databaseEntity?: ObjectLiteral;
  readonly columns: readonly FileColumn[];
  readonly files: DataSourceFiles;
}

/** The primary key of the row; undefined where none is known. */
export function rowId({ event, entity, databaseEntity }: RowWrite): ObjectLiteral | undefined {
  return event.metadata.getEntityIdMap(databaseEntity ?? entity);
}

/** As a sentence calls a field. */
export function fieldName({ event }: RowWrite, property: string): string {
  return `${event.metadata.name}.${property}`;
}

/** The entity as `uploadTo` and its like see it: what a partial entity leaves out is what the row has. */
export function wholeEntity({ event, entity, databaseEntity }: RowWrite): ObjectLiteral {
  const { target } = event.metadata;
  if (typeof target !== 'function') return entity;
  if (!databaseEntity && entity instanceof target) return entity;
  const given = Object.entries(entity).filter(([, value]) => value !== undefined);
  return Object.assign(
    event.metadata.create(event.queryRunner), // by its constructor, as a class with private members needs
    databaseEntity,
    Object.fromEntries(given),
  ) as ObjectLiteral;
}
