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

const STAGED = JSON.stringify(StagedFile.prototype.toJSON());

/**
 * Whether a parameter of a statement is a staged file. With the module a column has no transformer, for which TypeORM
 * 0.3 takes every file for a changed one: a staged file that `save()` did not announce gets as far as the statement.
 */
export function isStagedFile(parameter: unknown): boolean {
  const isWrapped = typeof parameter === 'object' && parameter !== null && 'value' in parameter; // by SQL Server
  return (isWrapped ? parameter.value : parameter) === STAGED;
}
