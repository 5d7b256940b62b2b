import { extname } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { UNKNOWN_CONTENT_TYPE } from '../file/content-types.js';
import { markupType } from './markup-sniffer.js';
import { officeType } from './office-sniffer.js';
import { isTextFormat } from './text-signatures.js';
import { decodeText, isText, textTypeOfName } from './text-sniffer.js';
import { isTiff } from './tiff-directory.js';

/** How much of a file {@link detectContentType} asks for first: every signature but a container's is in it. */
export const HEAD_BYTES = 4100;
/** How much of a container it asks for: the entry that tells a Word file from a ZIP may come after others. */
export const CONTAINER_HEAD_BYTES = 64 * 1024;

const ZIP = 'application/zip';
const TIFF = 'image/tiff';
const PDF = 'application/pdf';
/** Where readers look for a PDF's header (PDF Reference 1.7, appendix H, note 13); mail and printers put bytes before it. */
const PDF_HEAD_BYTES = 1024;
const COMPOUND_FILE = 'application/x-cfb';
/** Microsoft's old container says nothing cheap about what is in it. */
const COMPOUND_FILE_TYPES: Partial<Record<string, string>> = {
  '.doc': 'application/msword',
  '.xls': 'application/vnd.ms-excel',
  '.ppt': 'application/vnd.ms-powerpoint',
  '.msg': 'application/vnd.ms-outlook',
};

/**
 * The media type of a file, from its first bytes: what a browser would run is what it is. The name counts only for text
 * formats that have no signature (CSV, JSON...), and only when the bytes are text.
 */
export async function detectContentType(head: Uint8Array, fileName: string): Promise<string> {
  const decoded = decodeText(head);
  const markup = markupType(decoded, fileName); // before anything else, binary or not: browsers look no further
  if (markup) return markup;
  const signature = await signatureType(head);
  const isPlain = isText(decoded);
  if (signature !== undefined && (!isPlain || isTextFormat(signature, decoded)))
    return kindOf(signature, head, fileName);
  if (isLatePdf(decoded, isPlain)) return PDF;
  return isPlain ? textTypeOfName(fileName) : UNKNOWN_CONTENT_TYPE;
}

/** Whether more than {@link HEAD_BYTES} may tell more than `contentType`. */
export function isVague(contentType: string): boolean {
  return contentType === ZIP;
}

async function signatureType(head: Uint8Array): Promise<string | undefined> {
  // A hostile or cut file that the detector trips over has no type it could name.
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  return type?.mime ?? (isTiff(head) ? TIFF : undefined); // the detector looks for what stands behind the pixels
}

/** A text may speak of PDF files; it is none unless it begins like one. */
function isLatePdf(decoded: string, isPlain: boolean): boolean {
  const at = decoded.slice(0, PDF_HEAD_BYTES).search(/%PDF-\d\.\d/);
  return at !== -1 && (!isPlain || decoded.slice(0, at).trim() === '');
}

function kindOf(signature: string, head: Uint8Array, fileName: string): string {
  if (signature === COMPOUND_FILE)
    return COMPOUND_FILE_TYPES[extname(fileName).toLowerCase()] ?? signature;
  return (signature === ZIP ? officeType(Buffer.from(head)) : undefined) ?? signature;
}
