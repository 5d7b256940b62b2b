import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { InvalidKeyError } from '../private-storage.errors.js';
import { truncateBytes } from './truncate-bytes.js';

const MAX_SEGMENT_BYTES = 255; // ext4, APFS, NTFS
const MAX_FOLDER_BYTES = 768; // with a slash and a name of any length, the 1,024 of S3
const SUFFIX_BYTES = 6;

/** A control character, a backslash, or half of a surrogate pair. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\\]/u;

/**
 * The one function that makes a key safe: returns `value` when it is a key in its only spelling.
 *
 * A key is relative and `/`-separated, without empty, `.` or `..` segments, without a segment that begins with a dot
 * (staging areas and dotfiles are none of it). Each segment has at most 255 bytes of UTF-8, and what stands before the
 * last one at most 768. Nothing is mended: a second spelling of a key would be a way round a rule on the first.
 *
 * @throws InvalidKeyError for anything else.
 */
export function parseKey(value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new InvalidKeyError('A key is a non-empty string.');
  }
  if (Buffer.byteLength(value) - lastSegmentBytes(value) > MAX_FOLDER_BYTES + 1) {
    throw new InvalidKeyError(`The folders of a key have at most ${MAX_FOLDER_BYTES} bytes.`);
  }
  if (FORBIDDEN.test(value)) {
    throw new InvalidKeyError('A key has no control characters, backslashes or lone surrogates.');
  }
  for (const segment of value.split('/')) {
    if (segment === '' || segment.startsWith('.')) {
      throw new InvalidKeyError(
        'A key is relative, and none of its segments is empty or begins with a dot.',
      );
    }
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
      throw new InvalidKeyError(`A segment of a key has at most ${MAX_SEGMENT_BYTES} bytes.`);
    }
  }
  return value;
}

/** Whether {@link parseKey} takes it. */
export function isKey(value: string): boolean {
  try {
    parseKey(value);
    return true;
  } catch {
    return false;
  }
}

/** A key, or a file's path, in a URL: each segment percent-encoded by itself (RFC 3986). */
export function percentEncoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** `reports/may.pdf` becomes `reports/may_8fJ2kQ1x.pdf`: the name to try when a key is taken. */
export function withRandomSuffix(key: string, maxBytes = Infinity): string {
  const { dir, name, ext } = posix.parse(key);
  const suffix = `_${randomBytes(SUFFIX_BYTES).toString('base64url')}`;
  const folderBytes = Buffer.byteLength(key) - lastSegmentBytes(key);
  const space = Math.min(MAX_SEGMENT_BYTES, maxBytes - folderBytes) - suffix.length;
  const extension = truncateBytes(ext, space);
  const room = space - Buffer.byteLength(extension);
  return posix.join(dir, truncateBytes(name, room) + suffix + extension);
}

function lastSegmentBytes(key: string): number {
  return Buffer.byteLength(key.slice(key.lastIndexOf('/') + 1));
}
