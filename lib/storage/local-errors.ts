import {
  FileNotFoundError,
  PrivateStorageError,
  StagedFileGoneError,
  StorageFailedError,
  StorageFullError,
} from '../private-storage.errors.js';

/** Links, folders, FIFOs, sockets and devices are no files. */
const NOT_FOUND = new Set([
  ...['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG', 'ENXIO', 'ENODEV', 'EINVAL'],
]);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The system's error code, such as `ENOENT`. Not asked with instanceof: under Jest Node's errors are of another realm. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a system error means to somebody who asked for a file. */
export function readError(error: unknown): Error {
  if (NOT_FOUND.has(systemCode(error) ?? '')) return new FileNotFoundError({ cause: error });
  return storageError(error);
}

/** What a system error means to somebody who writes. */
export function writeError(error: unknown): Error {
  if (!FULL.has(systemCode(error) ?? '')) return storageError(error);
  return new StorageFullError('The storage is full.', { cause: error });
}

/** What a system error means to somebody who gives a staged file its key. */
export function commitError(error: unknown): Error {
  if (systemCode(error) === 'EXDEV') {
    return new StorageFailedError(
      'A folder of the key lies on another file system than the root of the storage.',
      { cause: error },
    );
  }
  if (systemCode(error) !== 'ENOENT') return writeError(error);
  return new StagedFileGoneError(
    'The staged file is gone: it was committed, discarded or swept before.',
    { cause: error },
  );
}

/** What a system error means when nothing more is known. */
export function storageError(error: unknown): Error {
  if (error instanceof PrivateStorageError) return error;
  const code = systemCode(error);
  return new StorageFailedError(`The storage failed${code ? ` (${code})` : ''}.`, { cause: error });
}
