import type { DataSource, EntityMetadata } from 'typeorm';
import { StagedFile } from '../file/staged-file.js';
import { isStoredFile } from '../file/stored-file.js';
import { ConfigurationError } from '../private-storage.errors.js';
import { isMulterFile } from '../upload/multer-file.js';

export type ColumnMetadata = EntityMetadata['columns'][number];

/** What a new row holds until its file has a key; its transaction hides it from others. No request's body makes one. */
export class WaitingMark {
  readonly 'nestjs-private-storage': string;

  constructor(id: string) {
    this['nestjs-private-storage'] = `waiting ${id}`;
  }
}

/** Lets nothing but files into columns, whoever makes the statement. A staged file is stopped later, with other advice. */
export function admitOnlyFiles({ driver }: DataSource, columns: ReadonlySet<ColumnMetadata>): void {
  const prepare = driver.preparePersistentValue.bind(driver);
  driver.preparePersistentValue = (value: unknown, column: ColumnMetadata): unknown => {
    if (columns.has(column) && !isAdmitted(value)) throw notAFile(value, column);
    return prepare(value, column);
  };
}

function isAdmitted(value: unknown): boolean {
  if (value === null || value === undefined || isStoredFile(value)) return true;
  return value instanceof StagedFile || value instanceof WaitingMark;
}

/** Says of what kind a value is, and no more: it may have come from a client, or be secret. */
export function notAFile(value: unknown, column: ColumnMetadata): ConfigurationError {
  const { entityMetadata, propertyName } = column;
  const field = `${entityMetadata.name}, '${propertyName}'`;
  return new ConfigurationError(
    `${entityMetadata.name}.${propertyName} holds ${kindOf(value)}; only a StagedFile, a StoredFile or null can be written there. ` +
      `Put PrivateFileInterceptor(${field}) and PrivateFilePipe on the route, or privateFilePipe(${field}) where it keeps ` +
      "FileInterceptor, and let no request's body set the property.",
  );
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise that was not awaited';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'a list';
  if (isMulterFile(value)) return "multer's file";
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
