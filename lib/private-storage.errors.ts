/** Every `code` that a {@link PrivateStorageError} can have. Codes are stable: new ones are added, none is renamed. */
export type PrivateStorageErrorCode =
  | 'INVALID_CONFIGURATION'
  | 'INVALID_KEY'
  | 'FILE_NOT_FOUND'
  | 'FILE_CHANGED'
  | 'NOT_AUTHENTICATED'
  | 'ACCESS_DENIED'
  | 'STAGED_FILE_GONE'
  | 'STORAGE_FULL'
  | StorageFailureCode
  | UploadRefusalCode;

/** Why a storage failed, where that is known. */
export type StorageFailureCode =
  | 'STORAGE_FAILED'
  | 'STORAGE_DENIED'
  | 'STORAGE_UNAVAILABLE'
  | 'STORAGE_TIMED_OUT'
  | 'STORAGE_ANSWERED_BADLY';

/** Why an upload was refused. */
export type UploadRefusalCode =
  | 'FILE_TOO_LARGE'
  | 'FILE_TYPE_NOT_SUPPORTED'
  | 'FILE_REQUIRED'
  | 'IMAGE_NOT_READABLE'
  | 'IMAGE_TOO_LARGE'
  | 'TOO_MANY_FILES'
  | 'UNEXPECTED_FILE'
  | 'TOO_MANY_FIELDS'
  | 'FIELD_TOO_LARGE'
  | 'UPLOAD_TOO_LARGE'
  | 'UPLOAD_TIMED_OUT'
  | 'UPLOAD_ABORTED'
  | 'MALFORMED_UPLOAD';

/** The root of the family. The library throws nothing else on purpose; what it wraps is in `cause`. */
export abstract class PrivateStorageError extends Error {
  abstract readonly code: PrivateStorageErrorCode;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Raised at start-up, or where a decorator is read: the options are wrong, and the message says what to write instead. */
export class ConfigurationError extends PrivateStorageError {
  readonly code = 'INVALID_CONFIGURATION';
}

/** Raised when a string is no key: not relative, not in its one canonical spelling, too long, or with a forbidden character. */
export class InvalidKeyError extends PrivateStorageError {
  readonly code = 'INVALID_KEY';
}

/** Raised when a storage holds no file under a key. The message never names the key. */
export class FileNotFoundError extends PrivateStorageError {
  readonly code = 'FILE_NOT_FOUND';

  constructor(options?: { cause?: unknown }) {
    super('There is no such file.', options);
  }
}

/** Raised while a file is being read that has become shorter, or another one, since it was opened. */
export class FileChangedError extends PrivateStorageError {
  readonly code = 'FILE_CHANGED';
}

/** Raised when a guard said no and nobody is logged in. */
export class NotAuthenticatedError extends PrivateStorageError {
  readonly code = 'NOT_AUTHENTICATED';

  constructor(options?: { cause?: unknown }) {
    super('Log in first.', options);
  }
}

/** Raised when a guard said no to somebody who is logged in. */
export class AccessDeniedError extends PrivateStorageError {
  readonly code = 'ACCESS_DENIED';

  constructor(options?: { cause?: unknown }) {
    super('You are not allowed to do this.', options);
  }
}

/** Raised when a `StagedFile` is used that has been committed, discarded or swept already. */
export class StagedFileGoneError extends PrivateStorageError {
  readonly code = 'STAGED_FILE_GONE';
}

/** Raised when a storage has no room left. */
export class StorageFullError extends PrivateStorageError {
  readonly code = 'STORAGE_FULL';
}

/** Raised when a storage cannot do what it was asked for a reason of its own: permissions, hardware, network. */
export class StorageFailedError extends PrivateStorageError {
  readonly code: StorageFailureCode = 'STORAGE_FAILED';
}

/** Raised when a storage over a network refuses the app itself: wrong or expired credentials, a missing permission. */
export class StorageDeniedError extends StorageFailedError {
  override readonly code = 'STORAGE_DENIED';
}

/** Raised when a storage over a network cannot be reached, or is too busy. */
export class StorageUnavailableError extends StorageFailedError {
  override readonly code = 'STORAGE_UNAVAILABLE';
}

/** Raised when a storage over a network does not answer in time. */
export class StorageTimedOutError extends StorageFailedError {
  override readonly code = 'STORAGE_TIMED_OUT';
}

/** Raised when a storage over a network has a fault, or answers with what makes no sense. */
export class StorageAnsweredBadlyError extends StorageFailedError {
  override readonly code = 'STORAGE_ANSWERED_BADLY';
}

/** What an {@link UploadRefusedError} tells besides its code and message; all of it is sent to the client. */
export interface UploadRefusalDetails {
  /** The field that was being filled. */
  readonly field?: string;
  /** The limit that was passed: bytes, pixels or a count, as the code says. */
  readonly limit?: number;
  /** What was found, where it is a media type. */
  readonly contentType?: string;
}

/** Raised when an upload breaks a rule of its field or a limit of the module. */
export class UploadRefusedError extends PrivateStorageError {
  constructor(
    readonly code: UploadRefusalCode,
    message: string,
    readonly details: UploadRefusalDetails = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
