import { createHash } from 'node:crypto';
import { assertFileSize } from '../../entity/field-rules.js';
import { StagedFile } from '../../file/staged-file.js';
import { UploadRefusedError } from '../../private-storage.errors.js';
import type { OpenedFile } from '../../storage/opened-file.js';
import { inspectFile, type FileTarget } from '../../upload/file-intake.js';
import { finalDimensions } from '../../upload/image-dimensions.js';
import { PeekableBytes } from '../../upload/peekable-bytes.js';
import { TiffDirectory } from '../../upload/tiff-directory.js';
import { S3File } from '../s3-file.js';
import type { S3Storage } from '../s3-storage.js';
import type { UploadTicket } from './upload-ticket.js';

/** An upload as S3 knows it. */
export interface Found {
  readonly ticket: UploadTicket;
  readonly etag?: string;
  /** SHA-256 in base64, where S3 has held the bytes against it. */
  readonly checksum?: string;
}

const PEEKED_BYTES = [8 * 1024, 64 * 1024, 512 * 1024];

/**
 * Holds the copy of an upload against all that is asked of a file of that field. Of the bytes only those are read that
 * tell the type and an image's size, unless there is a checksum and S3 does not say that it is theirs.
 *
 * @throws UploadRefusedError, StorageFailedError
 */
export async function checkedCopy(
  storage: S3Storage,
  id: string,
  { ticket: { name, checksum }, checksum: checksumOfS3 }: Found,
  { field, maxFileSize }: FileTarget,
): Promise<StagedFile> {
  const { place, download } = storage;
  const object = place.stagingName(id);
  const file = new S3File(download, object, { stat: await download.stat(object) });
  try {
    const { size } = file.stat;
    assertFileSize(field, size, maxFileSize);
    const beginning = new PeekableBytes(beginningOf(file));
    const { contentType, image } = await inspectFile(beginning, name, field);
    if (image instanceof TiffDirectory) await readDirectory(image, file);
    const dimensions = finalDimensions(image, field);
    if (checksum !== undefined) {
      const found = checksumOfS3 === undefined ? await hashOf(file) : hex(checksumOfS3);
      if (found !== checksum) throw notAsAnnounced(field.property);
    }
    const facts = { storageName: field.storage, name, contentType, checksum, ...dimensions };
    return new StagedFile(storage, { id, size }, facts);
  } finally {
    await file.close();
  }
}

/** A little at a time: most types show in the first of these pieces. */
async function* beginningOf(file: OpenedFile): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const length of PEEKED_BYTES) {
    const end = Math.min(length, file.stat.size);
    if (start < end) yield* file.read(start, end);
    start = end;
  }
}

async function readDirectory(directory: TiffDirectory, file: OpenedFile): Promise<void> {
  let position = directory.start;
  const end = Math.min(directory.end, file.stat.size);
  if (position >= end) return;
  for await (const chunk of file.read(position, end)) {
    directory.add(chunk, position);
    position += chunk.length;
  }
}

/** For servers that do not hold the bytes against a checksum themselves, and so cannot tell it either. */
async function hashOf(file: OpenedFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.read(0, file.stat.size)) hash.update(chunk);
  return hash.digest('hex');
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

function notAsAnnounced(field: string): UploadRefusedError {
  return new UploadRefusedError(
    'MALFORMED_UPLOAD',
    'The file that arrived does not have the checksum that was announced.',
    { field },
  );
}
