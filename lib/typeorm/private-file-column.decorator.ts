import { Column, type ColumnOptions } from 'typeorm';
import { PrivateFile, PrivateImage } from '../entity/private-file.decorator.js';
import type { PrivateFileOptions, PrivateImageOptions } from '../entity/private-file-options.js';
import { assertKnown } from '../entity/option-checks.js';
import { withoutModule } from './file-column.transformer.js';

/** What may be said of the column; its type and its way to the database are given. */
export type PrivateColumnOptions = Pick<ColumnOptions, 'name' | 'nullable' | 'select' | 'comment'>;

type ColumnDecorator<E extends object> = (prototype: E, property: string | symbol) => void;

const COLUMN_OPTIONS = ['name', 'nullable', 'select', 'comment'];

/**
 * `@PrivateFile()` and its column in one: text that holds the {@link StoredFile} as JSON (`simple-json`), nullable unless
 * said otherwise. Import `PrivateStorageTypeOrmModule`, and `save()` stores the `StagedFile` that the property holds.
 *
 * @throws ConfigurationError when an option is wrong.
 * @example
 * @Entity()
 * class Dossier {
 *   @PrivateFileColumn<Dossier>({ uploadTo: 'dossiers/%Y', uploadSubfolder: ({ id }) => [`${id}`] })
 *   file: StoredFile | null;
 *
 *   @PrivateImageColumn({ maxFileSize: '5mb' }, { nullable: false })
 *   cover: StoredFile;
 * }
 */
export function PrivateFileColumn<E extends object = object>(
  options: PrivateFileOptions<E> = {},
  column: PrivateColumnOptions = {},
): ColumnDecorator<E> {
  return both(PrivateFile(options), column);
}

/** As {@link PrivateFileColumn}, for `@PrivateImage()`; `widthField` and `heightField` name columns of the entity. */
export function PrivateImageColumn<E extends object = object>(
  options: PrivateImageOptions<E> = {},
  column: PrivateColumnOptions = {},
): ColumnDecorator<E> {
  return both(PrivateImage(options), column);
}

function both<E extends object>(
  isPrivate: ColumnDecorator<E>,
  options: PrivateColumnOptions,
): ColumnDecorator<E> {
  assertKnown(options, COLUMN_OPTIONS, "A private file's column");
  const isColumn = Column({
    nullable: true,
    ...options,
    type: 'simple-json',
    transformer: withoutModule,
  });
  return (prototype, property) => {
    isPrivate(prototype, property);
    isColumn(prototype, property);
  };
}
