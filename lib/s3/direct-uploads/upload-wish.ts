import { assertContentType, assertFileSize } from '../../entity/field-rules.js';
import { contentTypeOfName } from '../../file/content-types.js';
import { displayName } from '../../file/file-names.js';
import { UploadRefusedError } from '../../private-storage.errors.js';
import type { FileTarget } from '../../upload/file-intake.js';

/** What a browser says of a file before it sends it: the JSON of its request to a `DirectUploadController`. */
export interface DirectUploadRequest {
  /** The file's name. */
  readonly name: string;
  /** In bytes. Lets a file that is too large be refused before it is sent. */
  readonly size?: number;
  /** A media type, as `file.type` says in a browser (default: what the name's extension stands for). */
  readonly contentType?: string;
  /** SHA-256 of the bytes in lowercase hex. Without it the stored file has none. */
  readonly checksum?: string;
}

/** {@link DirectUploadRequest}, checked. */
export interface UploadWish {
  readonly name: string;
  readonly contentType: string;
  readonly checksum?: string;
}

const CHECKSUM = /^[0-9a-f]{64}$/;
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/;

/**
 * Reads what was asked for, and holds what can be held against the field before a byte is sent.
 *
 * @throws UploadRefusedError `MALFORMED_UPLOAD`, `FILE_TOO_LARGE`, `FILE_TYPE_NOT_SUPPORTED`
 */
export function uploadWish(body: unknown, { field, maxFileSize }: FileTarget): UploadWish {
  const { name, size = 0, contentType, checksum } = (body ?? {}) as Record<string, unknown>;
  const isWish =
    typeof name === 'string' &&
    name !== '' &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0 &&
    isMissingOr(contentType, MEDIA_TYPE) &&
    isMissingOr(checksum, CHECKSUM);
  if (!isWish) {
    throw new UploadRefusedError(
      'MALFORMED_UPLOAD',
      'Send JSON with the name of the file, and its size, contentType and SHA-256 checksum where they are known.',
      { field: field.property },
    );
  }
  const shown = displayName(name);
  const type = contentType ? contentType.toLowerCase() : contentTypeOfName(shown);
  assertFileSize(field, Number(size), maxFileSize);
  assertContentType(field, type);
  return { name: shown, contentType: type, ...(checksum ? { checksum } : {}) };
}

/** A browser's `file.type` is empty where it knows none. */
function isMissingOr(value: unknown, pattern: RegExp): value is string | undefined {
  return value === undefined || value === '' || (typeof value === 'string' && pattern.test(value));
}
