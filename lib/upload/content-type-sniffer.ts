import { extname } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { UNKNOWN_CONTENT_TYPE } from '../file/content-types.js';
import { markupType } from './markup-sniffer.js';
import { isTextFormat } from './text-signatures.js';
import { decodeText, isText, textTypeOfName } from './text-sniffer.js';

/** How much of a file {@link detectContentType} asks for first: every signature but a container's is in it. */
export const HEAD_BYTES = 4100;
/** How much of a container it asks for: the entry that tells a Word file from a ZIP may come after others. */
export const CONTAINER_HEAD_BYTES = 64 * 1024;

const ZIP = 'application/zip';
const COMPOUND_FILE = 'application/x-cfb';
/** Microsoft's old container says nothing cheap about what is in it. */
const COMPOUND_FILE_TYPES: Partial<Record<string, string>> = {
  '.doc': 'application/msword',
  '.xls': 'application/vnd.ms-excel',
  '.ppt': 'application/vnd.ms-powerpoint',
  '.msg': 'application/vnd.ms-outlook',
};
/** What an entry of a ZIP file begins with; its name comes behind a header of fixed size. */
const ZIP_ENTRY = 'PK\x03\x04';
const ZIP_ENTRY_HEADER_BYTES = 30;
/** Some programs write the entry that names the kind of an Office file last; the folders' names give it away before. */
const OFFICE_FOLDER = /^(word|xl|ppt)\//;
const OFFICE_TYPES: Partial<Record<string, string>> = {
  word: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xl: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

/**
 * The media type of a file, from its first bytes: what a browser would run is what it is. The name counts only for text
 * formats that have no signature (CSV, JSON...), and only when the bytes are text.
 */
export async function detectContentType(head: Uint8Array, fileName: string): Promise<string> {
  const decoded = decodeText(head);
  const markup = markupType(decoded); // before anything else, binary or not: browsers look no further
  if (markup) return markup;
  const signature = await signatureType(head);
  const isPlain = isText(decoded);
  if (signature !== undefined && (!isPlain || isTextFormat(signature, decoded)))
    return kindOf(signature, head, fileName);
  return isPlain ? textTypeOfName(fileName) : UNKNOWN_CONTENT_TYPE;
}

/** Whether more than {@link HEAD_BYTES} may tell more than `contentType`. */
export function isVague(contentType: string): boolean {
  return contentType === ZIP;
}

async function signatureType(head: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    return undefined; // a hostile or cut file that the detector trips over has no type it could name
  }
}

function kindOf(signature: string, head: Uint8Array, fileName: string): string {
  if (signature === COMPOUND_FILE)
    return COMPOUND_FILE_TYPES[extname(fileName).toLowerCase()] ?? signature;
  if (signature !== ZIP) return signature;
  return OFFICE_TYPES[officeFolder(Buffer.from(head).toString('latin1')) ?? ''] ?? signature;
}

function officeFolder(zip: string): string | undefined {
  for (let at = zip.indexOf(ZIP_ENTRY); at !== -1; at = zip.indexOf(ZIP_ENTRY, at + 1)) {
    const folder = OFFICE_FOLDER.exec(zip.slice(at + ZIP_ENTRY_HEADER_BYTES))?.[1];
    if (folder !== undefined) return folder;
  }
  return undefined;
}
