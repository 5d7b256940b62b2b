import contentDisposition from 'content-disposition';
import { UNKNOWN_CONTENT_TYPE } from '../file/content-types.js';
import { displayName } from '../file/file-names.js';

/** Keeps a file from shared caches, and from running as the app's own. */
export interface GuardingHeaders {
  readonly 'Cache-Control': string;
  readonly 'Content-Security-Policy': string;
  readonly 'X-Content-Type-Options': 'nosniff';
}

/** What the answer says of a file, whoever sends the bytes. */
export interface FileHeaders extends GuardingHeaders {
  readonly 'Content-Type': string;
  readonly 'Content-Disposition': string;
}

/** Whether a browser shows a file or saves it (RFC 6266). */
export type Disposition = 'inline' | 'attachment';

export interface Presentation {
  readonly contentType: string;
  readonly disposition: Disposition;
  readonly fileName: string;
  readonly cacheControl: string;
}

/** RFC 9110 section 8.3.1, with or without parameters, in visible ASCII. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:[ \t]*;[\x20-\x7e]*)?$/;

export function fileHeaders({
  contentType,
  disposition,
  fileName,
  cacheControl,
}: Presentation): FileHeaders {
  return {
    'Content-Type': contentTypeHeader(contentType),
    'Content-Disposition': dispositionHeader(disposition, fileName),
    ...guardingHeaders(cacheControl),
  };
}

export function guardingHeaders(cacheControl: string): GuardingHeaders {
  return {
    'Cache-Control': cacheControl,
    'Content-Security-Policy': 'sandbox',
    'X-Content-Type-Options': 'nosniff',
  };
}

/**
 * RFC 6266 and 8187: an ASCII `filename`, and `filename*` where the name needs more. The ASCII one has no quotes,
 * backslashes and percent signs either, of which browsers make different things.
 */
export function dispositionHeader(type: Disposition, fileName: string): string {
  const name = displayName(fileName);
  const fallback = name
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[^\x20-\x7e]|["\\/%]/gu, '_')
    .replace(/^\.*$/, 'file');
  return contentDisposition(name, { type, fallback });
}

/**
 * What a page may run or be styled with, by the names that browsers take (WHATWG MIME Sniffing, section 4.6). A page that
 * names such a file in a tag cares for no disposition and no sandbox, but with `nosniff` for the type.
 */
const SCRIPT_OR_STYLE =
  /^(?:(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script[\d.]*|text\/css)\s*(?:;|$)/i;

/** Text is UTF-8 unless its type says otherwise; scripts and style sheets are but text. */
export function contentTypeHeader(contentType: string): string {
  if (!MEDIA_TYPE.test(contentType)) return UNKNOWN_CONTENT_TYPE;
  if (SCRIPT_OR_STYLE.test(contentType)) return 'text/plain; charset=utf-8';
  const isBareText = contentType.startsWith('text/') && !contentType.includes(';');
  return isBareText ? `${contentType}; charset=utf-8` : contentType;
}
