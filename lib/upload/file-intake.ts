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
  target: FileTarget,
  withChecksum: boolean,
): Promise<StagedFile> {
  const { field, storage } = target;
  const name = displayName(fileName);
  const source = new PeekableBytes(bytes);
  const { contentType, image } = await inspectFile(source, name, field);
  const hash = withChecksum ? createHash('sha256') : undefined;
  const staged = await storage.stage(new CheckedBytes(source, target, image, hash));
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

/** A file's bytes on their way into the storage. A generator would cost a few promises more for each chunk. */
class CheckedBytes implements AsyncIterableIterator<Uint8Array, undefined> {
  private size = 0;

  constructor(
    private readonly source: PeekableBytes,
    private readonly target: FileTarget,
    private readonly image: InspectedFile['image'],
    private readonly hash: Hash | undefined,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const result = await this.source.next();
    if (result.done === true)
      finalDimensions(this.image, this.target.field); // of a TIFF whose directory never came
    else this.check(result.value);
    return result;
  }

  private check(chunk: Uint8Array): void {
    const { image, target } = this;
    const { field, maxFileSize } = target;
    if (image instanceof TiffDirectory && image.add(chunk, this.size))
      finalDimensions(image, field);
    this.size += chunk.length;
    assertFileSize(field, this.size, maxFileSize);
    this.hash?.update(chunk);
  }
}
