import type { IncomingMessage } from 'node:http';
import { assertFileSize } from '../entity/field-rules.js';
import type { StagedFile } from '../file/staged-file.js';
import { UploadRefusedError, type UploadRefusalCode } from '../private-storage.errors.js';
import { ChunkQueue } from './chunk-queue.js';
import { takeFile, type FileTarget } from './file-intake.js';
import { isMultipart } from './multipart-reader.js';
import { dispositionFileName } from './part-headers.js';
import { announcesBody, RequestBody } from './request-body.js';
import type { UploadContext } from './upload-context.js';

/**
 * Receives a body that is the file itself, with its name in `Content-Disposition`; undefined when there is no body.
 *
 * @throws UploadRefusedError, StorageFullError, StorageFailedError, ConfigurationError
 */
export async function receiveRawBody(
  upload: UploadContext,
  target: FileTarget,
): Promise<StagedFile | undefined> {
  const { raw, options, session } = upload;
  const { field, maxFileSize } = target;
  if (!hasBody(raw)) return undefined;
  assertWholeFile(raw, field.property);
  assertFileSize(field, Number(raw.headers['content-length'] ?? 0), maxFileSize);
  const disposition = raw.headers['content-disposition'];
  const name = disposition === undefined ? '' : (dispositionFileName(disposition) ?? '');

  const body = new RequestBody(raw, { maxTotalSize: Infinity, idleTimeout: options.idleTimeout });
  const bytes = new ChunkQueue(body);
  const read = body
    .read((chunk) => bytes.push(chunk))
    .then(
      () => bytes.end(),
      (error: unknown) => bytes.fail(error as Error),
    );
  try {
    const file = await takeFile(bytes, name, target, options.checksum);
    session.add(file);
    return file;
  } catch (error) {
    body.fail(error as Error);
    throw error;
  } finally {
    await read;
  }
}

function assertWholeFile({ headers, readableDidRead }: IncomingMessage, field: string): void {
  const refuse = (code: UploadRefusalCode, sentence: string): never => {
    throw new UploadRefusedError(code, sentence, { field });
  };
  if (isMultipart(headers['content-type']))
    refuse('MALFORMED_UPLOAD', 'Send the file itself, not a form.');
  if (headers['content-range'] !== undefined)
    // RFC 9110 section 14.5: a part would be stored as the whole
    refuse('MALFORMED_UPLOAD', 'Send the whole file, not a part of it.');
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? ''))
    // RFC 9110 section 8.4: what is stored would be the file only once it is decoded
    refuse('FILE_TYPE_NOT_SUPPORTED', 'Send the file itself, without a Content-Encoding.');
  if (!/^(?:chunked)?$/i.test(headers['transfer-encoding'] ?? ''))
    // RFC 9112 section 7: Node undoes chunks, and no coding before them
    refuse('FILE_TYPE_NOT_SUPPORTED', 'Send the file itself, in no Transfer-Encoding but chunked.');
  if (readableDidRead)
    refuse(
      'FILE_TYPE_NOT_SUPPORTED',
      'Send the file as application/octet-stream: bodies of this type are parsed.',
    );
}

/** A client that sends no body to PUT says so with a length of 0: an empty file has a type. */
function hasBody(request: IncomingMessage): boolean {
  return announcesBody(request) || request.headers['content-type'] !== undefined;
}
