import type { ValueTransformer } from 'typeorm';
import { StagedFile } from '../file/staged-file.js';
import { ConfigurationError } from '../private-storage.errors.js';

/** What a private column has until the module takes it over: an app that forgot the module writes nothing. */
export const withoutModule: ValueTransformer = {
  to(value: unknown): unknown {
    if (!(value instanceof StagedFile)) return value;
    throw new ConfigurationError(
      'Nothing here can store a StagedFile; add PrivateStorageTypeOrmModule to the imports of the app ' +
        '(PrivateStorageTypeOrmModule.forDataSource(name) where the data source has a name).',
    );
  },
  from: (value: unknown): unknown => value,
};

const MARK = 'nestjs-private-storage';
const STAGED = { [MARK]: 'staged' };
const STAGED_JSON = JSON.stringify(STAGED);

/** What a new row holds until its file has a key. Its transaction hides it from others, and it is read as no file. */
export function waitingMark(id: string): object {
  return { [MARK]: id };
}

/**
 * TypeORM asks for a staged file's value when it looks for changes, where any value but the old one will do, and when
 * it writes one that `save()` did not announce, where the mark gives it away: see `StagedFileRefusal`.
 */
export const withModule: ValueTransformer = {
  to: (value: unknown): unknown => (value instanceof StagedFile ? STAGED : value),
  from: (value: unknown): unknown => (isMark(value) ? null : value),
};

/** Whether a parameter of a statement is a staged file. */
export function isStagedMark(parameter: unknown): boolean {
  const isWrapped = typeof parameter === 'object' && parameter !== null && 'value' in parameter; // by SQL Server
  return (isWrapped ? parameter.value : parameter) === STAGED_JSON;
}

function isMark(value: unknown): boolean {
  return typeof value === 'object' && value !== null && MARK in value;
}
