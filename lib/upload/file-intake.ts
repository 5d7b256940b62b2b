import { createHash, type Hash } from 'node:crypto';
import { assertContentType, assertFileSize } from '../entity/field-rules.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { displayName } from '../file/file-names.js';
import { StagedFile } from '../file/staged-file.js';
import type { FileStorage } from '../storage/file-storage.js';
import {
  CONTAINER_HEAD_BYTES,
  detectContentType,
  HEAD_BYTES,
  isVague,
} from './content-type-sniffer.js';
import { finalDimensions, imageDimensions } from './image-dimensions.js';
import { PeekableBytes } from './peekable-bytes.js';
import type { PixelSize } from './pixel-size.js';
import { TiffDirectory } from './tiff-directory.js';

/** A field that an upload may fill, and where its file goes. */
export interface FileTarget {
  readonly field: PrivateFileField;
  readonly storage: FileStorage;
  /** In bytes. */
  readonly maxFileSize: number;
}

/**
 * Receives one file: looks at its beginning, holds it against its field's rules and stages it, all while it arrives.
 * When it rejects, the storage holds nothing of it.
 *
 * @throws UploadRefusedError, StorageFullError, StorageFailedError, and whatever `bytes` throws
 */
export async function takeFile(
  bytes: AsyncIterable<Uint8Array>,
  fileName: string,
  { field, storage, maxFileSize }: FileTarget,
  withChecksum: boolean,
): Promise<StagedFile> {
  const name = displayName(fileName);
  const source = new PeekableBytes(bytes);
  const { contentType, image } = await inspectFile(source, name, field);
  const hash = withChecksum ? createHash('sha256') : undefined;
  const staged = await storage.stage(checked(source, field, maxFileSize, image, hash));
  return new StagedFile(storage, staged, {
    storageName: field.storage,
    name,
    contentType,
    checksum: hash?.digest('hex'),
    ...finalDimensions(image, field),
  });
}

/** What the first bytes of a file say. */
export interface InspectedFile {
  readonly contentType: string;
  /** Of images only. */
  readonly image?: PixelSize | TiffDirectory | undefined;
}

/**
 * What a file is by its first bytes, which the field has to take.
 *
 * @throws UploadRefusedError, and whatever `source` throws
 */
export async function inspectFile(
  source: PeekableBytes,
  name: string,
  field: PrivateFileField,
): Promise<InspectedFile> {
  const contentType = await peekContentType(source, name);
  assertContentType(field, contentType);
  return { contentType, image: field.image && (await imageDimensions(source, field)) };
}

async function peekContentType(source: PeekableBytes, name: string): Promise<string> {
  const contentType = await detectContentType(await source.peek(HEAD_BYTES), name);
  if (!isVague(contentType)) return contentType;
  return detectContentType(await source.peek(CONTAINER_HEAD_BYTES), name);
}

async function* checked(
  source: AsyncIterable<Uint8Array>,
  field: PrivateFileField,
  limit: number,
  image: InspectedFile['image'],
  hash: Hash | undefined,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    if (image instanceof TiffDirectory && image.add(chunk, size)) finalDimensions(image, field);
    size += chunk.length;
    assertFileSize(field, size, limit);
    hash?.update(chunk);
    yield chunk;
  }
  finalDimensions(image, field); // of a TIFF whose directory never came
}
