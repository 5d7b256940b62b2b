/** The bytes of the path's UTF-8, as Apache and Caddy want it; Node writes a header's characters as one byte each. */
export function rawBytes(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** Blanks around a header's value are no part of it (RFC 9110 section 5.5): the path would be another file's. */
export function fitsHeader(path: string): boolean {
  return !/^[ \t]|[ \t]$/.test(path);
}
