import contentDisposition from 'content-disposition';
import { isUtf8 as isValidUtf8 } from 'node:buffer';
import { UploadRefusedError } from '../private-storage.errors.js';

/** What a part of a multipart body says of itself (RFC 7578 section 4.2). */
export interface PartHeaders {
  readonly name: string;
  /** Only of a file; empty when a form was sent without choosing one. */
  readonly fileName?: string;
  readonly contentType?: string;
}

/** @throws UploadRefusedError `MALFORMED_UPLOAD` when a part does not say what it is. */
export function partHeaders(header: Partial<Record<string, string[]>>): PartHeaders {
  const disposition = header['content-disposition']?.[0] ?? '';
  const contentType = header['content-type']?.[0];
  const { type, parameters } = parseDisposition(disposition);
  const { name, filename } = parameters;
  if (type !== 'form-data' || name === undefined) throw malformedPart();
  return { name: repairedText(name), fileName: fileNameOf(disposition, filename), contentType };
}

/** The text of a part, in the charset that its `Content-Type` names, or UTF-8 (RFC 7578 section 4.5). */
export function textOf(bytes: Uint8Array, contentType = ''): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const sentence = `A text of the upload is in the unknown charset ${String(charset)}.`;
    throw new UploadRefusedError('MALFORMED_UPLOAD', sentence, {}, { cause });
  }
}

/** The name that a `Content-Disposition` gives a file; undefined without one. RFC 6266, and what browsers really send. */
export function dispositionFileName(disposition: string): string | undefined {
  return fileNameOf(disposition, parseDisposition(disposition).parameters.filename);
}

function fileNameOf(disposition: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  // filename* is decoded already, and goes before filename
  return /;\s*filename\*\s*=/i.test(disposition) ? name : repairedText(name);
}

function parseDisposition(value: string): {
  type: string;
  parameters: Partial<Record<string, string>>;
} {
  try {
    // An escaped character that needs no escape is a path of an old Windows browser: "C:\may\report.pdf".
    return contentDisposition.parse(value.replace(/\\(?!["\\])/g, '\\\\'));
  } catch (error) {
    throw malformedPart(error);
  }
}

/** Headers are read as latin1; what is UTF-8 underneath is read again as such. Browsers send a quotation mark as `%22`. */
export function repairedText(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const isUtf8 = isByteText(text) && isValidUtf8(bytes);
  return (isUtf8 ? bytes.toString('utf8') : text).replaceAll('%22', '"');
}

/** Whether each character is a byte, so that nothing is lost in looking at it as one. */
function isByteText(text: string): boolean {
  return /^[\0-\xFF]*$/.test(text);
}

function malformedPart(cause?: unknown): UploadRefusedError {
  return new UploadRefusedError(
    'MALFORMED_UPLOAD',
    'A part of the upload has no valid Content-Disposition with a name.',
    {},
    { cause },
  );
}
