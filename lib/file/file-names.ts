import { posix } from 'node:path';
import { truncateBytes } from '../storage/truncate-bytes.js';

/** Leaves room for a random suffix within the 255 bytes that a file system gives a name. */
const MAX_NAME_BYTES = 200;
const MAX_EXTENSION_BYTES = 32;
const NAMELESS = 'file';

/** Control characters, invisible ones that reorder or hide text, halves of surrogate pairs. */
const INVISIBLE =
  /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]/gu;
/** Not allowed in names on Windows. */
const RESERVED_CHARACTERS = /[<>:"|?*]/g;
/** Windows drops them. */
const LAST_DOTS = /[.\s]+$/;
/** Devices on Windows, with any extension. */
const RESERVED_NAME = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)/i;

/**
 * A name for display: the last part of a path, in NFC, without characters that nobody sees.
 * Never empty, never only dots, never longer than 200 bytes; the extension is kept.
 */
export function displayName(raw: string): string {
  const lastPart = raw.split(/[/\\]/).pop() ?? '';
  const name = shorten(lastPart.replace(INVISIBLE, '').normalize('NFC').trim());
  return /^\.*$/.test(name) ? NAMELESS : name;
}

/** A name that every file system takes and no folder listing hides: {@link displayName}, made safe as a key's segment. */
export function safeFileName(raw: string): string {
  const name = displayName(raw)
    .replace(RESERVED_CHARACTERS, '_')
    .replace(/^[.\s]+/, '')
    .replace(LAST_DOTS, '');
  if (name === '') return NAMELESS;
  return RESERVED_NAME.test(name) ? shorten(`_${name}`).replace(LAST_DOTS, '') : name;
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const { name: stem, ext } = posix.parse(name);
  const extension = Buffer.byteLength(ext) <= MAX_EXTENSION_BYTES ? ext : '';
  return (truncateBytes(stem, MAX_NAME_BYTES - Buffer.byteLength(extension)) + extension).trim();
}
