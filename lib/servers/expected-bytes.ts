import type { IncomingHttpHeaders } from 'node:http';
import type { OpenOptions } from '../storage/opened-file.js';

const ONE_RANGE = /^bytes=(\d{1,15})-(\d{0,15})$/i;

/** What a GET is likely to be sent of the file, before anything is known of that: a guess, which binds nobody. */
export function expectedBytes(asked: IncomingHttpHeaders): OpenOptions['expect'] {
  if (asked.range === undefined) return 'all';
  const [, first = '', last = ''] = ONE_RANGE.exec(asked.range) ?? [];
  if (first === '' || (last !== '' && Number(last) < Number(first))) return 'nothing';
  return { start: Number(first), ...(last === '' ? {} : { end: Number(last) + 1 }) };
}
