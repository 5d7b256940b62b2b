import { contentTypeOfName } from '../file/content-types.js';
import { isTextType } from '../file/detected-types.js';

const PLAIN_TEXT = 'text/plain';

/**
 * Text has these controls, and those from DEL on. The others are the "binary data bytes" of the WHATWG MIME Sniffing
 * standard, section 3: no text in any ASCII-like encoding has them.
 */
const TEXT_CONTROLS = '\t\n\f\r\x1B';
const FIRST_HIGH_CONTROL = '\x7F';

/**
 * The bytes as a browser would read them, well enough to judge them: UTF-16 where a byte order mark says so, else any
 * encoding that is ASCII below 128. They may end in the middle of a character.
 */
export function decodeText(head: Uint8Array): string {
  return decode(Buffer.from(head.buffer, head.byteOffset, head.byteLength));
}

/** Whether it is text, and no binary. */
export function isText(decoded: string): boolean {
  for (const [control] of decoded.matchAll(/\p{Cc}/gu)) {
    if (control < FIRST_HIGH_CONTROL && !TEXT_CONTROLS.includes(control)) return false;
  }
  return true;
}

/** The type that a text's extension names, where that is a text format. */
export function textTypeOfName(fileName: string): string {
  const named = contentTypeOfName(fileName);
  return isTextType(named) ? named : PLAIN_TEXT;
}

function decode(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le').decode(even(head));
  if (head[0] === 0xfe && head[1] === 0xff)
    return even(Buffer.from(head)).swap16().toString('utf16le').slice(1);
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return head.toString('latin1', 3);
  return head.toString('latin1');
}

function even(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length & ~1);
}
