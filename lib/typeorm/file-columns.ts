import type { DataSource, EntityMetadata } from 'typeorm';
import { fieldsOf } from '../entity/private-file.decorator.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { StagedFile } from '../file/staged-file.js';
import { ConfigurationError } from '../private-storage.errors.js';
import { notAFile, type ColumnMetadata } from './column-values.js';
import { withoutModule } from './file-column.transformer.js';

/** A private field and the column that keeps it. */
export interface FileColumn {
  readonly field: PrivateFileField;
  readonly column: ColumnMetadata;
}

/** The staged files whose rows `save()` is writing right now: the mark of a new row, none of an old one. */
export type AnnouncedFiles = WeakMap<StagedFile, { readonly mark?: object }>;

/** @throws ConfigurationError when a private file sits where `save()` cannot store it. */
export function fileColumnsOf(metadata: EntityMetadata): FileColumn[] {
  for (const column of metadata.columns) {
    if (column.transformer !== withoutModule || !column.embeddedMetadata) continue;
    throw new ConfigurationError(
      `${metadata.name}.${column.propertyPath}: a private file cannot be kept in an embedded class; ` +
        'put @PrivateFileColumn() on a property of the entity itself.',
    );
  }
  return fieldsIn(metadata).flatMap((field) => {
    const column = metadata.findColumnWithPropertyName(field.property);
    if (!column) {
      assertElsewhere(metadata, field);
      return [];
    }
    if (column.transformer === withoutModule) return [{ field, column }];
    throw new ConfigurationError(
      `${metadata.name}.${field.property}: write @PrivateFileColumn() or @PrivateImageColumn() instead of two decorators.`,
    );
  });
}

/** What a getter finds elsewhere needs no column; nor has a class those that its subclasses add. */
function assertElsewhere({ target, name }: EntityMetadata, field: PrivateFileField): void {
  if (typeof target !== 'function' || !fieldsOf(target).includes(field)) return;
  if (field.property in Object(target.prototype)) return;
  throw new ConfigurationError(
    `${name}.${field.property} has no column, and save() would store nothing of it; write @PrivateFileColumn() or ` +
      '@PrivateImageColumn() instead, or a getter where the file is kept elsewhere.',
  );
}

/** With those of its subclasses where they share its table: their rows may be removed as its own. Its own rules win. */
export function fieldsIn(metadata: EntityMetadata): PrivateFileField[] {
  const subclasses = metadata.inheritancePattern === 'STI' ? metadata.childEntityMetadatas : [];
  const fields = [...subclasses, metadata].flatMap(({ target }) =>
    typeof target === 'function' ? fieldsOf(target) : [],
  );
  return [...new Map(fields.map((field) => [field.property, field])).values()];
}

/**
 * Teaches a column of this data source, and of no other, what to write for a staged file before its key is known: a mark
 * into a new row, and what is there already into an old one. The key is written by a second statement.
 */
export function takeOver(
  column: ColumnMetadata,
  { driver }: DataSource,
  announced: AnnouncedFiles,
): void {
  if (column.transformer !== withoutModule) return; // done
  const original = column.createValueMap.bind(column);
  const sql = (expression: string) => () => expression;
  const waiting = (value: unknown): unknown => {
    if (value instanceof Promise) throw notAFile(value, column); // TypeORM passes it over without a word
    if (value === null) return sql('NULL'); // libsql fails on null as the one parameter
    const file = value instanceof StagedFile ? announced.get(value) : undefined;
    return file ? (file.mark ?? sql(driver.escape(column.databaseName))) : value;
  };
  column.transformer = undefined;
  column.createValueMap = (value: unknown, useDatabaseName?: boolean) =>
    original(waiting(value), useDatabaseName);
}
