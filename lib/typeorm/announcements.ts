import type { QueryRunner } from 'typeorm';
import type { StagedFile } from '../file/staged-file.js';
import type { FieldValue } from '../entity/entity-files.js';
import type { StoredFile } from '../file/stored-file.js';
import type { FileTransaction } from './file-transaction.js';

/** What was found out before a row is written, for after it. */
export interface Announcement {
  /** None where a statement stands for itself. */
  readonly transaction?: FileTransaction;
  /** The files that the row will not name any more; those that staged files replace are found later. */
  readonly obsolete: readonly StoredFile[];
  /** The staged files that a new row waits for. */
  readonly waiting: readonly FieldValue<StagedFile>[];
}

/** The announcements of each connection: one entity may be saved on two at once. */
export class Announcements {
  private readonly connections = new WeakMap<QueryRunner, WeakMap<object, Announcement[]>>();

  add(connection: QueryRunner, entity: object, announcement: Announcement): void {
    const entities = this.connections.get(connection) ?? new WeakMap<object, Announcement[]>();
    this.connections.set(connection, entities);
    const { transaction } = announcement; // what failed saves have left in others is forgotten
    const others = entities.get(entity)?.filter((other) => other.transaction === transaction) ?? [];
    entities.set(entity, [...others, announcement]);
  }

  /** The last one, since a save that failed has left its own. */
  take(connection: QueryRunner, entity: object): Announcement | undefined {
    return this.connections.get(connection)?.get(entity)?.pop();
  }
}
