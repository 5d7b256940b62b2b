import {
  FileNotFoundError,
  PrivateStorageError,
  StagedFileGoneError,
  StorageAnsweredBadlyError,
  StorageDeniedError,
  StorageFailedError,
  StorageFullError,
  StorageTimedOutError,
  StorageUnavailableError,
} from '../private-storage.errors.js';

/** What S3 said in the place of what it was asked for. */
export class S3AnswerError extends Error {
  constructor(
    readonly status: number,
    /** S3's own word for it, such as `NoSuchKey`; empty where there was none. */
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(`S3 answered ${status}${code ? ` ${code}` : ''}.`, options);
    this.name = 'S3AnswerError';
  }
}

/** As the SDK names it. */
export function timedOut(): Error {
  return Object.assign(new Error('S3 did not answer in time.'), { name: 'TimeoutError' });
}

/** What is known of a failure, of the SDK's errors and of ours. */
export interface S3Failure {
  /** 0 where there was no answer. */
  readonly status: number;
  /** S3's code, or the system's. */
  readonly code: string;
}

/** Not asked with instanceof: an app may have another copy of the SDK, and under Jest Node's errors are of another realm. */
export function failureOf(error: unknown): S3Failure {
  if (error instanceof S3AnswerError) return { status: error.status, code: error.code };
  const { $metadata, name, code, Code, message } = Object(error) as Record<string, unknown>;
  const { httpStatusCode } = Object($metadata) as Record<string, unknown>;
  const status = typeof httpStatusCode === 'number' ? httpStatusCode : 0;
  const word = status > 0 ? (Code ?? name) : (code ?? wrappedCode(message) ?? name);
  return { status, code: typeof word === 'string' ? word : '' };
}

/** Of a foreign realm's error the SDK keeps the text only: `AWS SDK error wrapper for Error: connect ECONNREFUSED ...`. */
function wrappedCode(message: unknown): string | undefined {
  const isWrapper = typeof message === 'string' && message.startsWith('AWS SDK error wrapper');
  return isWrapper ? /\b(E(?:AI_)?[A-Z]{3,})\b/.exec(message)?.[1] : undefined;
}

const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage']);
const BUSY = new Set(['SlowDown', 'ServiceUnavailable', 'TooManyRequests', 'RequestLimitExceeded']);
const TIMED_OUT = new Set(['TimeoutError', 'ETIMEDOUT', 'ESOCKETTIMEDOUT', 'RequestTimeout']);
/** Said with status 400, or by the SDK itself. */
const NO_CREDENTIALS = new Set([
  ...['CredentialsProviderError', 'TokenProviderError', 'ExpiredToken', 'InvalidToken'],
]);

/** What a failure means to somebody who asked for a file, or wrote one. The message is for a client too: it names nothing. */
export function storageError(error: unknown): PrivateStorageError {
  if (error instanceof PrivateStorageError) return error;
  const { status, code } = failureOf(error);
  const options = { cause: error };
  const said = code ? ` (${code})` : '';
  if (code === 'NoSuchBucket')
    return new StorageFailedError('The bucket of the storage is gone.', options);
  if (status === 404 && code !== 'NoSuchUpload') return new FileNotFoundError(options);
  if (FULL.has(code) || status === 507)
    return new StorageFullError('The storage is full.', options);
  if (status === 401 || status === 403 || NO_CREDENTIALS.has(code))
    return new StorageDeniedError(`The storage refuses the app${said}.`, options);
  if (TIMED_OUT.has(code) || status === 504 || status === 408)
    return new StorageTimedOutError('The storage did not answer in time.', options);
  if (BUSY.has(code) || status === 503 || status === 429)
    return new StorageUnavailableError(`The storage is too busy${said}.`, options);
  if (status >= 500)
    return new StorageAnsweredBadlyError(`The storage has a fault${said}.`, options);
  if (status === 0 && isOfNetwork(error))
    return new StorageUnavailableError(`The storage cannot be reached${said}.`, options);
  return new StorageFailedError(`The storage failed${said}.`, options);
}

/** What a failure means where no object was asked for: who says then that there is none is no S3. */
export function serverError(error: unknown): PrivateStorageError {
  const meant = storageError(error);
  if (!(meant instanceof FileNotFoundError)) return meant;
  return new StorageAnsweredBadlyError('The storage makes no sense (404).', { cause: error });
}

/** What a failure means to somebody who gives a staged file its key. */
export function commitError(error: unknown): PrivateStorageError {
  const meant = storageError(error);
  return meant instanceof FileNotFoundError ? stagedFileGone(error) : meant;
}

export function stagedFileGone(cause?: unknown): StagedFileGoneError {
  return new StagedFileGoneError(
    'The staged file is gone: it was committed, discarded or swept before.',
    { cause },
  );
}

/** Whether a condition is kept. 409 is AWS's word for somebody who is about to take the name. */
export function isTaken(error: unknown): boolean {
  const { status, code } = failureOf(error);
  return status === 412 || (status === 409 && code === 'ConditionalRequestConflict');
}

/** Whether S3 may have done what it was asked for all the same; of the last attempt only. */
export function mayBeServed(error: unknown): boolean {
  const { status } = failureOf(error);
  return status === 0 || (status >= 500 && status !== 503);
}

/** Who does not answer, or is too busy, would not answer to what comes after either: nobody is made to wait for it. */
export function isSilent(error: unknown): boolean {
  return error instanceof StorageTimedOutError || error instanceof StorageUnavailableError;
}

/** What S3 answered, of an error that is ours by now. */
export function failureBehind(error: unknown): S3Failure {
  const { cause } = Object(error) as Error;
  return failureOf(cause);
}

/** For deletes: some servers have that of nothing fail. A 404 without that code is nobody's word for it. */
export function unlessMissing(error: unknown): void {
  const { status, code } = failureOf(error);
  if (status !== 404 || code !== 'NoSuchKey') throw error;
}

/** System errors (`ECONNRESET`), and those of DNS (`EAI_AGAIN`), TLS and HTTP. */
export function isOfNetwork(error: unknown): boolean {
  return /^(?:E(?:AI_)?[A-Z]{3,}|ERR_(?:TLS|SSL|STREAM)\w*|\w*CERT\w*|HPE_\w+)$/.test(
    failureOf(error).code,
  );
}

/** Has a promise fail with what its failure means. */
export function failing<T>(
  action: Promise<T>,
  translate: (error: unknown) => Error = storageError,
): Promise<T> {
  return action.catch((error: unknown) => {
    throw translate(error);
  });
}
