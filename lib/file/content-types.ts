import { posix } from 'node:path';
import mime from 'mime-types';

/** What is said of bytes that nobody knows anything about. */
export const UNKNOWN_CONTENT_TYPE = 'application/octet-stream';

/** The media type that a name's extension stands for; `html` alone is a name, and has none. */
export function contentTypeOfName(name: string): string {
  return mime.lookup(posix.extname(name)) || UNKNOWN_CONTENT_TYPE;
}

/** A media type without its parameters, in lower case. */
export function essenceOf(contentType: string): string {
  return contentType.replace(/;.*$/s, '').trim().toLowerCase();
}

/** Whether a media type, its parameters left aside, is one of `patterns`, such as `application/pdf` or `image/*`. */
export function matchesContentType(contentType: string, patterns: readonly string[]): boolean {
  const type = essenceOf(contentType);
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern,
  );
}

const PATTERN = /^[a-z0-9!#$&^_.+-]+\/(?:\*|[a-z0-9!#$&^_.+-]+)$/;

/** Whether something is a media type in lower case and without parameters, or all of a kind, such as `image/*`. */
export function isContentTypePattern(value: unknown): value is string {
  return typeof value === 'string' && PATTERN.test(value);
}
