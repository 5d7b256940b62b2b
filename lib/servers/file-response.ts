import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { FileHeaders, GuardingHeaders } from './file-headers.js';
import { wholeSeconds } from './http-date.js';
import { evaluatePreconditions, rangeApplies, type Validators } from './preconditions.js';
import { selectRanges, type ByteRange } from './ranges.js';

/** A stretch of the body: text of ours, in ASCII, or bytes of the file. */
export type BodyPart = string | ByteRange;

/** An answer about a file, decided before its first byte is read. */
export interface FileResponse {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: OutgoingHttpHeaders;
  /** Empty for a HEAD too. */
  readonly body: readonly BodyPart[];
}

export interface Representation extends Validators {
  readonly size: number;
  readonly served: { readonly headers: FileHeaders; readonly guardingHeaders: GuardingHeaders };
}

/** What an answer depends on besides the file: a GET or a HEAD, and its headers. */
export interface Inquiry {
  readonly isHead: boolean;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Decides how to answer a GET, or a HEAD, which has the headers of a GET and no body. Range is defined for GET only,
 * so a HEAD ignores it (RFC 9110 section 14.2).
 */
export function fileResponse(
  { isHead, headers: asked }: Inquiry,
  file: Representation,
  now = Date.now(),
): FileResponse {
  const date = wholeSeconds(new Date(now));
  const lastModified = new Date(Math.min(wholeSeconds(file.lastModified), date)); // never in the future
  const failed = evaluatePreconditions(asked, { etag: file.etag, lastModified });
  if (failed === 304) return notModified(file);

  const headers: OutgoingHttpHeaders = {
    'Accept-Ranges': 'bytes',
    ETag: file.etag,
    'Last-Modified': lastModified.toUTCString(),
    ...file.served.headers, // last: properties that follow a spread cost Node 20 half a microsecond each
  };
  if (lastModified.getTime() === date) headers.Date = lastModified.toUTCString(); // Node's own may be a second behind
  if (failed === 412) return refused(412, headers);

  const whole = wholeFile(headers, file.size);
  if (isHead) return { ...whole, body: [] };
  if (asked.range === undefined || !rangeApplies(stringOf(asked['if-range']), file, now))
    return whole;
  const ranges = selectRanges(asked.range, file.size);
  if (ranges === 'whole') return whole;
  if (ranges === 'unsatisfiable') {
    return refused(416, { ...headers, 'Content-Range': `bytes */${file.size}` });
  }
  const [first, ...more] = ranges;
  if (first && more.length === 0) return oneRange(headers, first, file.size);
  const several = manyRanges(headers, ranges, file.size);
  return bodyLength(several.body) > file.size ? whole : several; // never more bytes than the file has
}

/** What a cache needs (RFC 9110 section 15.4.5). The guarding headers too: a cache would take those that the app has set. */
function notModified({ etag, served }: Representation): FileResponse {
  return { status: 304, headers: { ETag: etag, ...served.guardingHeaders }, body: [] };
}

/** In bytes. */
export function bodyLength(body: readonly BodyPart[]): number {
  return body.reduce(
    (sum, part) => sum + (typeof part === 'string' ? part.length : part.end - part.start),
    0,
  );
}

function wholeFile(headers: OutgoingHttpHeaders, size: number): FileResponse {
  return {
    status: 200,
    headers: { 'Content-Length': size, ...headers },
    body: size === 0 ? [] : [{ start: 0, end: size }],
  };
}

function oneRange(headers: OutgoingHttpHeaders, range: ByteRange, size: number): FileResponse {
  return {
    status: 206,
    headers: {
      'Content-Range': contentRange(range, size),
      'Content-Length': range.end - range.start,
      ...headers,
    },
    body: [range],
  };
}

/** RFC 9110 section 14.6. */
function manyRanges(
  headers: OutgoingHttpHeaders,
  ranges: readonly ByteRange[],
  size: number,
): FileResponse {
  const boundary = randomBytes(18).toString('hex');
  const type = String(headers['Content-Type']);
  const body = ranges.flatMap((range, index): BodyPart[] => [
    `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`,
    range,
  ]);
  body.push(`\r\n--${boundary}--\r\n`);
  return {
    status: 206,
    headers: {
      ...headers,
      'Content-Type': `multipart/byteranges; boundary=${boundary}`,
      'Content-Length': bodyLength(body),
    },
    body,
  };
}

function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

function refused(status: 412 | 416, headers: OutgoingHttpHeaders): FileResponse {
  return { status, headers: { ...withoutContent(headers), 'Content-Length': 0 }, body: [] };
}

/** What describes bytes is left out where none are sent. */
function withoutContent({
  'Content-Type': _type,
  'Content-Disposition': _disposition,
  ...rest
}: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return rest;
}

/** Node types a header that it does not list as a possible list. */
function stringOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
