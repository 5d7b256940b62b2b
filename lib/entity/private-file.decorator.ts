import { ConfigurationError } from '../private-storage.errors.js';
import type { PrivateFileOptions, PrivateImageOptions } from './private-file-options.js';
import { fileField, imageField, type PrivateFileField } from './private-file.field.js';

const FIELDS = Symbol('nestjs-private-storage:fields');

type FieldDecorator<E extends object> = (prototype: E, property: string | symbol) => void;

/**
 * Declares a property private: it holds the {@link StoredFile} of a file that only a guard hands out.
 *
 * @throws ConfigurationError when an option is wrong.
 * @example
 * class Dossier {
 *   @PrivateFile<Dossier>({ uploadTo: 'dossiers/%Y', contentTypes: ['application/pdf'], maxFileSize: '20mb' })
 *   file: StoredFile | null;
 * }
 */
export function PrivateFile<E extends object = object>(
  options: PrivateFileOptions<E> = {},
): FieldDecorator<E> {
  return declare((property, where) => fileField(property, where, options as PrivateFileOptions));
}

/** As {@link PrivateFile}, for images only: their width and height are recorded, and limited. */
export function PrivateImage<E extends object = object>(
  options: PrivateImageOptions<E> = {},
): FieldDecorator<E> {
  return declare((property, where) => imageField(property, where, options as PrivateImageOptions));
}

function declare<E extends object>(
  field: (property: string, where: string) => PrivateFileField,
): FieldDecorator<E> {
  return (prototype, property) => {
    const entity = prototype.constructor;
    const where = `${entity.name}.${String(property)}`;
    if (typeof property === 'symbol')
      throw new ConfigurationError(`${where}: a private file's property is named by a string.`);
    const own = ownFields(entity);
    Reflect.defineMetadata(FIELDS, new Map(own).set(property, field(property, where)), entity);
  };
}

/** The private fields of an entity class, those of its ancestors included; a redeclared one counts once. */
export function fieldsOf(entity: object): readonly PrivateFileField[] {
  const fields = new Map<string, PrivateFileField>();
  for (
    let level: unknown = entity;
    typeof level === 'function';
    level = Object.getPrototypeOf(level)
  ) {
    for (const [property, field] of ownFields(level))
      if (!fields.has(property)) fields.set(property, field);
  }
  return [...fields.values()];
}

/** @throws ConfigurationError when the property was not declared private, or there is no class. */
export function fieldOf(entity: object, property: string): PrivateFileField {
  if (typeof entity !== 'function') {
    throw new ConfigurationError(
      `The entity of the private field "${property}" is no class; one that is undefined comes from a circular import.`,
    );
  }
  const field = fieldsOf(entity).find((candidate) => candidate.property === property);
  if (field) return field;
  throw new ConfigurationError(
    `${entity.name}.${property} is not private; put @PrivateFile() or @PrivateImage() on it.`,
  );
}

function ownFields(entity: object): ReadonlyMap<string, PrivateFileField> {
  return (
    (Reflect.getOwnMetadata(FIELDS, entity) as Map<string, PrivateFileField> | undefined) ??
    new Map()
  );
}
