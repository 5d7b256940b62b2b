import { StagedFile } from '../file/staged-file.js';
import { isStoredFile, type StoredFile } from '../file/stored-file.js';
import { assertFits } from './field-rules.js';
import { fieldsOf } from './private-file.decorator.js';
import type { PrivateFileField } from './private-file.field.js';
import { uploadKey } from './upload-key.js';

/** A private field of an entity and what it holds. */
export interface FieldValue<T> {
  readonly field: PrivateFileField;
  readonly file: T;
}

/** The uploads that wait in an entity's fields for being committed. */
export function stagedFilesOf(
  entity: object,
  fields = fieldsOf(entity.constructor),
): FieldValue<StagedFile>[] {
  return valuesOf(entity, fields, (value) => value instanceof StagedFile);
}

/** The files that an entity has. */
export function storedFilesOf(entity: object): FieldValue<StoredFile>[] {
  return valuesOf(entity, fieldsOf(entity.constructor), isStoredFile);
}

/** What a field holds. */
export function fileOf(entity: object, field: PrivateFileField): unknown {
  return (entity as Record<string, unknown>)[field.property];
}

/** Puts a file into its field, and an image's size into the properties that were named for it. */
export function setFile(
  entity: object,
  field: PrivateFileField,
  file: StoredFile | StagedFile | null,
): void {
  const target = entity as Record<string, unknown>;
  target[field.property] = file;
  if (field.image?.widthField) target[field.image.widthField] = file?.width ?? null;
  if (field.image?.heightField) target[field.image.heightField] = file?.height ?? null;
}

/** What a field holds, and the properties for an image's size: to be assigned to the entity again. */
export function heldBy(entity: object, { property, image }: PrivateFileField): object {
  const names = [property, image?.widthField, image?.heightField];
  const values = entity as Record<string, unknown>;
  return Object.fromEntries(names.flatMap((name) => (name ? [[name, values[name]]] : [])));
}

/** The key a staged file asks for. @throws UploadRefusedError, ConfigurationError when it does not fit the field; InvalidKeyError */
export function keyFor(entity: object, { field, file }: FieldValue<StagedFile>): string {
  assertFits(field, file);
  return uploadKey(field, entity, file.name);
}

function valuesOf<T>(
  entity: object,
  fields: readonly PrivateFileField[],
  isWanted: (value: unknown) => value is T,
): FieldValue<T>[] {
  return fields.flatMap((field) => {
    const file = fileOf(entity, field);
    return isWanted(file) ? [{ field, file }] : [];
  });
}
