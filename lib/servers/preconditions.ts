import type { IncomingHttpHeaders } from 'node:http';
import { parseHttpDate, wholeSeconds } from './http-date.js';

/** What conditions are held against. */
export interface Validators {
  /** A strong entity tag, quotes included. */
  readonly etag: string;
  readonly lastModified: Date;
}

/** RFC 9110 section 13.2.2, for GET and HEAD: 304, 412, or undefined to go on. */
export function evaluatePreconditions(
  headers: IncomingHttpHeaders,
  { etag, lastModified }: Validators,
): 304 | 412 | undefined {
  const modified = wholeSeconds(lastModified);
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (!listMatches(ifMatch, (tag) => tag === etag)) return 412;
  } else {
    const since = parseHttpDate(headers['if-unmodified-since']);
    if (since !== undefined && modified > since) return 412;
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    return listMatches(ifNoneMatch, (tag) => tag.replace(/^W\//, '') === etag) ? 304 : undefined;
  }
  const since = parseHttpDate(headers['if-modified-since']);
  return since !== undefined && modified <= since ? 304 : undefined;
}

/** Whether a client asks for a file that it most often has: what is known of the file without opening it will do. */
export function asksForChanges(headers: IncomingHttpHeaders): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
}

/**
 * RFC 9110 section 13.1.5: whether a Range counts. Only a strong tag, or the very date of a file that has not changed
 * within the last second: within one second the same date may stand for other bytes.
 */
export function rangeApplies(
  ifRange: string | undefined,
  { etag, lastModified }: Validators,
  now: number,
): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.endsWith('"')) return ifRange === etag;
  const modified = wholeSeconds(lastModified);
  return parseHttpDate(ifRange, now) === modified && now - modified >= 1000;
}

/** A list of entity tags, or `*`; a tag may hold commas. What is no tag matches nothing. */
function listMatches(list: string, matches: (tag: string) => boolean): boolean {
  if (list.trim() === '*') return true;
  return (list.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []).some(matches);
}
