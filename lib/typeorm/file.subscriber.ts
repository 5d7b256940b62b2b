import type {
  EntityMetadata,
  EntitySubscriberInterface,
  InsertEvent,
  ObjectLiteral,
  QueryRunner,
  RemoveEvent,
  UpdateEvent,
} from 'typeorm';
import { fileOf, setFile, stagedFilesOf } from '../entity/entity-files.js';
import { isStoredFile } from '../file/stored-file.js';
import { announceObsolete, announceStaged, leaveReplaced, overwritten } from './announce-files.js';
import { Announcements } from './announcements.js';
import type { DataSourceFiles } from './data-source-files.js';
import type { FileColumn } from './file-columns.js';
import { rowId, type RowEvent, type RowWrite } from './row-write.js';
import type { WrittenRow } from './obsolete-files.js';
import { noteWritten, settleFiles } from './store-files.js';

type Row = ObjectLiteral | undefined; // the types of TypeORM promise more than its query builders give

/**
 * Stores the files of one entity class. The row is written first, without its new files; then they are committed under
 * keys that may use the row's id, and named by a second statement in the same transaction.
 */
export class FileSubscriber implements EntitySubscriberInterface {
  private readonly announcements = new Announcements();
  private readonly removals = new WeakMap<QueryRunner, Map<string, WrittenRow>>();

  constructor(
    private readonly target: EntityMetadata['target'],
    private readonly columns: readonly FileColumn[],
    private readonly files: DataSourceFiles,
  ) {}

  beforeInsert(event: InsertEvent<ObjectLiteral>): void {
    const row = this.row(event, event.entity);
    if (!row) return;
    announceStaged(row, 'insert');
    const { queryRunner } = event;
    setSizes(
      row.entity,
      this.columns.filter(({ field }) => fileOf(row.entity, field) !== null),
    );
    const { transaction } = this.files.of(queryRunner);
    const waiting = stagedFilesOf(
      row.entity,
      this.columns.map(({ field }) => field),
    );
    this.announcements.add(queryRunner, row.entity, { transaction, obsolete: [], waiting });
  }

  async beforeUpdate(event: UpdateEvent<ObjectLiteral>): Promise<void> {
    const row = this.row(event, event.entity, event.databaseEntity);
    if (!row) return;
    announceStaged(row, 'update');
    const id = rowId(row);
    if (!id) return;
    await leaveReplaced(row);
    const columns = overwritten(row);
    setSizes(row.entity, columns);
    const { queryRunner, manager, metadata } = event;
    const written = { manager, metadata, id, columns };
    const announcement = await announceObsolete(event, this.files, written, this.files.updateLock);
    this.announcements.add(queryRunner, row.entity, announcement);
  }

  /** TypeORM removes some rows without an entity, such as orphans. */
  async beforeRemove(event: RemoveEvent<ObjectLiteral>): Promise<void> {
    const id = this.removedId(event);
    if (id === undefined) return;
    const { queryRunner, manager, metadata } = event;
    const row = { manager, metadata, id, columns: this.columns };
    const { obsolete } = await announceObsolete(event, this.files, row, 'pessimistic_write');
    const removals = this.removals.get(queryRunner) ?? new Map<string, WrittenRow>();
    this.removals.set(queryRunner, removals.set(textOf(id), { row, obsolete, named: [] }));
  }

  afterInsert(event: InsertEvent<ObjectLiteral>): Promise<void> | void {
    return this.settle(this.row(event, event.entity));
  }

  afterUpdate(event: UpdateEvent<ObjectLiteral>): Promise<void> | void {
    return this.settle(this.row(event, event.entity, event.databaseEntity));
  }

  async afterRemove(event: RemoveEvent<ObjectLiteral>): Promise<void> {
    const id = textOf(this.removedId(event));
    const removals = this.removals.get(event.queryRunner);
    const written = removals?.get(id);
    removals?.delete(id);
    if (written) await noteWritten(event, this.files, written);
  }

  private settle(row: RowWrite | undefined): Promise<void> | void {
    const announcement = row && this.announcements.take(row.event.queryRunner, row.entity);
    if (!announcement) return;
    const settled = settleFiles(row, announcement);
    settled.catch(() => undefined); // TypeORM lets go of it when another subscriber throws
    return settled;
  }

  private removedId({ metadata, entityId }: RemoveEvent<ObjectLiteral>): unknown {
    return metadata.target === this.target ? (entityId as unknown) : undefined;
  }

  /** Subclasses have a subscriber of their own. */
  private row(event: RowEvent, entity: Row, databaseEntity?: Row): RowWrite | undefined {
    if (event.metadata.target !== this.target || !entity) return undefined;
    return { event, entity, databaseEntity, columns: this.columns, files: this.files };
  }
}

/** An image's width and height are written with it, or go with it. */
function setSizes(entity: object, columns: readonly FileColumn[]): void {
  for (const { field } of columns) {
    const file = fileOf(entity, field);
    if (file === null || isStoredFile(file)) setFile(entity, field, file);
  }
}

/** A primary key may be made of several columns, and a bigint is not for JSON. */
function textOf(id: unknown): string {
  return JSON.stringify(id, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
