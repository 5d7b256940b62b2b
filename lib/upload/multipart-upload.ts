import { assertFileSize } from '../entity/field-rules.js';
import { UploadRefusedError } from '../private-storage.errors.js';
import type { StagedFile } from '../file/staged-file.js';
import { takeFile } from './file-intake.js';
import { isMultipart, MultipartReader } from './multipart-reader.js';
import { assertNoFile } from './parsed-body.js';
import { RequestBody, uploadTooLarge } from './request-body.js';
import { TextFields } from './text-fields.js';
import { assertUnread, type UploadContext } from './upload-context.js';
import { maxTotalSize, targetNamed } from './upload-target.js';

/** The files of a form by their field's name. */
type UploadedFiles = Record<string, StagedFile>;

/**
 * Receives the files of a form, and leaves its text fields on `request.body`. A body that is no form, and was parsed by the
 * app, is left to it. No text goes into one of the entity's `privateProperties`.
 *
 * @throws UploadRefusedError, StorageFullError, StorageFailedError, ConfigurationError
 */
export async function receiveMultipart(
  upload: UploadContext,
  privateProperties: ReadonlySet<string>,
): Promise<UploadedFiles> {
  const { request, raw, targets, options, session } = upload;
  const contentType = raw.headers['content-type'] ?? '';
  if (!isMultipart(contentType)) {
    assertNoFile(request.body, privateProperties);
    return {};
  }
  assertUnread(upload);
  const limits = { maxTotalSize: maxTotalSize(targets, options), idleTimeout: options.idleTimeout };
  assertContentLength(upload, limits.maxTotalSize);

  const files: UploadedFiles = {};
  const names = new Set<string>();
  const text = new TextFields(options, privateProperties);
  const take = (
    name: string,
    fileName: string,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<void> => {
    const target = targetNamed(targets, name);
    if (names.has(name)) throw tooManyFiles(name);
    names.add(name);
    return takeFile(bytes, fileName, target, options.checksum).then((file) => {
      session.add(file);
      files[name] = file;
    });
  };
  await new MultipartReader(new RequestBody(raw, limits), text, take, options.maxHeaderSize).read(
    contentType,
  );
  request.body = text.toObject();
  return files;
}

/** What the client announces can be refused before it is sent; where there is one file, it must be the one to blame. */
function assertContentLength({ raw, targets, options }: UploadContext, limit: number): void {
  const length = Number(raw.headers['content-length'] ?? 0);
  if (length <= limit) return;
  const [target, ...others] = targets.values();
  if (target && others.length === 0 && options.maxTotalSize === undefined) {
    assertFileSize(target.field, length, target.maxFileSize);
  }
  throw uploadTooLarge(limit);
}

function tooManyFiles(field: string): UploadRefusedError {
  return new UploadRefusedError('TOO_MANY_FILES', 'Only one file may be sent for this field.', {
    field,
    limit: 1,
  });
}
