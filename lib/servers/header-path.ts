import type { OutgoingHttpHeaders } from 'node:http';

/** `X-Sendfile` with an absolute path, as Apache and Caddy want it; undefined where no header can carry the path. */
export function sendfileHeaders(path: string | undefined): OutgoingHttpHeaders | undefined {
  return path !== undefined && fitsHeader(path) ? { 'X-Sendfile': rawBytes(path) } : undefined;
}

/** The bytes of the path's UTF-8: Node writes a header's characters as one byte each. */
function rawBytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** Blanks around a header's value are no part of it (RFC 9110 section 5.5): the path would be another file's. */
function fitsHeader(path: string): boolean {
  return !/^[ \t]|[ \t]$/.test(path);
}
