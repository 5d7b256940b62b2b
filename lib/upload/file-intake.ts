import { createHash, type Hash } from 'node:crypto';
import { assertContentType, assertFileSize } from '../entity/field-rules.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { displayName } from '../file/file-names.js';
import { StagedFile, type StagedFileFacts } from '../file/staged-file.js';
import type { FileStorage } from '../storage/file-storage.js';
import {
  CONTAINER_HEAD_BYTES,
  detectContentType,
  HEAD_BYTES,
  isVague,
} from './content-type-sniffer.js';
import { imageDimensions } from './image-dimensions.js';
import { PeekableBytes } from './peekable-bytes.js';

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
  const seen = await inspectFile(source, name, field);
  const hash = withChecksum ? createHash('sha256') : undefined;
  const staged = await storage.stage(checked(source, field, maxFileSize, hash));
  const checksum = hash?.digest('hex');
  return new StagedFile(storage, staged, {
    storageName: field.storage,
    name,
    checksum,
    ...seen,
  });
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
): Promise<Pick<StagedFileFacts, 'contentType' | 'width' | 'height'>> {
  const contentType = await peekContentType(source, name);
  assertContentType(field, contentType);
  return { contentType, ...(field.image && (await imageDimensions(source, field))) };
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
  hash: Hash | undefined,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    assertFileSize(field, size, limit);
    hash?.update(chunk);
    yield chunk;
  }
}
