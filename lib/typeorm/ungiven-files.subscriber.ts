import type { EntityMetadata, EntitySubscriberInterface, ObjectLiteral } from 'typeorm';
import type { FileColumn } from './file-columns.js';

/** What TypeORM tells of a row that is written, removed softly or recovered; a query builder has at most its values. */
interface RowChange {
  readonly metadata: EntityMetadata;
  readonly entity?: ObjectLiteral;
  readonly databaseEntity?: ObjectLiteral;
}

/**
 * Keeps `undefined` harmless, which is no file given: once a row is written TypeORM makes it null in the entity, whose
 * next save would write that, and let the file go.
 */
export class UngivenFiles implements EntitySubscriberInterface {
  /** The properties of entities of which nobody knows what the row holds. */
  private readonly unread = new WeakMap<object, readonly string[]>();
  private readonly properties: readonly string[];

  constructor(
    private readonly target: EntityMetadata['target'],
    columns: readonly FileColumn[],
  ) {
    this.properties = columns
      .flatMap(({ field: { property, image } }) => [
        property,
        image?.widthField,
        image?.heightField,
      ])
      .filter((property) => property !== undefined);
  }

  beforeUpdate(event: RowChange): void {
    this.fillIn(event);
  }

  beforeSoftRemove(event: RowChange): void {
    this.fillIn(event);
  }

  beforeRecover(event: RowChange): void {
    this.fillIn(event);
  }

  afterUpdate(event: RowChange): void {
    this.leaveOut(event);
  }

  afterSoftRemove(event: RowChange): void {
    this.leaveOut(event);
  }

  afterRecover(event: RowChange): void {
    this.leaveOut(event);
  }

  private fillIn({ metadata, entity, databaseEntity = {} }: RowChange): void {
    if (metadata.target !== this.target || !entity) return;
    const unread: string[] = [];
    for (const property of this.properties) {
      if (entity[property] !== undefined) continue;
      const found: unknown = databaseEntity[property];
      if (found === undefined) unread.push(property);
      else entity[property] = found;
    }
    this.unread.set(entity, unread);
  }

  private leaveOut({ entity }: RowChange): void {
    if (!entity) return;
    for (const property of this.unread.get(entity) ?? []) entity[property] ??= undefined;
  }
}
