import type { Type } from '@nestjs/common';
import { fieldOf, fieldsOf } from '../entity/private-file.decorator.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { UploadRefusedError } from '../private-storage.errors.js';
import type { StorageRegistry } from '../storage/storage-registry.js';
import type { FileTarget } from './file-intake.js';
import { MAX_BOUNDARY_BYTES } from './multipart-reader.js';
import type { ResolvedUploadOptions } from './upload-options.js';

/** An entity class, abstract or not. */
export type EntityClass<E extends object> = Type<E> | (abstract new (...args: never[]) => E);

/** The name of a property of an entity. */
export type PropertyOf<E extends object> = Extract<keyof E, string>;

/** The fields that one route takes files for. */
export type UploadTargets = ReadonlyMap<string, FileTarget>;

/** @throws ConfigurationError when a field is not private, or its storage does not exist. */
export function uploadTargets(
  fields: readonly PrivateFileField[],
  storages: StorageRegistry,
  options: ResolvedUploadOptions,
): UploadTargets {
  return new Map(
    fields.map((field) => [
      field.property,
      {
        field,
        storage: storages.get(field.storage),
        maxFileSize: field.maxFileSize ?? options.maxFileSize,
      },
    ]),
  );
}

/** @throws ConfigurationError when one of the properties was not declared private. */
export function fieldsNamed(
  entity: EntityClass<object>,
  properties: readonly string[],
): PrivateFileField[] {
  return properties.map((property) => fieldOf(entity, property));
}

/** The properties of an entity that no request fills with anything but files. */
export function privateProperties(entity: EntityClass<object>): ReadonlySet<string> {
  return new Set(fieldsOf(entity).map(({ property }) => property));
}

/** @throws UploadRefusedError `UNEXPECTED_FILE` */
export function targetNamed(targets: UploadTargets, name: string): FileTarget {
  const target = targets.get(name);
  if (target) return target;
  throw new UploadRefusedError('UNEXPECTED_FILE', `No file is expected as "${name}".`, {
    field: name,
  });
}

/** No request that keeps the other limits is larger than this, in bytes. */
export function maxTotalSize(targets: UploadTargets, options: ResolvedUploadOptions): number {
  if (options.maxTotalSize !== undefined) return options.maxTotalSize;
  const files = [...targets.values()].reduce((sum, { maxFileSize }) => sum + maxFileSize, 0);
  const parts = options.maxFields + targets.size + 1;
  const part = options.maxHeaderSize + MAX_BOUNDARY_BYTES + '\r\n--\r\n\r\n'.length;
  return files + options.maxFields * options.maxFieldSize + parts * part;
}
