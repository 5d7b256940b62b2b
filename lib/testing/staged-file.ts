import { createHash } from 'node:crypto';
import { contentTypeOfName } from '../file/content-types.js';
import { displayName } from '../file/file-names.js';
import { StagedFile } from '../file/staged-file.js';
import type { FileStorage } from '../storage/file-storage.js';
import { MemoryStorage } from '../storage/memory-storage.js';
import { chunksOf } from './storage-trial.js';

/** What a test wants of an upload; all of it has a default. */
export interface StagedFileInit {
  /** Default `file.txt`. */
  readonly name?: string;
  /** Default: what the name's extension stands for. */
  readonly contentType?: string;
  /** Default `content`. */
  readonly content?: string | Uint8Array;
  /** In pixels; of images, and a field of `@PrivateImage()` takes no file without them. */
  readonly width?: number;
  /** In pixels; as {@link width}. */
  readonly height?: number;
  /** Where the bytes are staged (default: a new `MemoryStorage`). */
  readonly storage?: FileStorage;
  /** The name that the module knows the storage by (default `default`). */
  readonly storageName?: string;
}

/**
 * An upload as `PrivateFilePipe` hands it to a handler, without a request. Nothing about it is checked.
 *
 * @example
 * const dossier = Object.assign(new Dossier(), { file: await stagedFile({ name: 'may.pdf', content: pdf }) });
 */
export async function stagedFile({
  name = 'file.txt',
  contentType = contentTypeOfName(name),
  content = 'content',
  width,
  height,
  storage = new MemoryStorage(),
  storageName = 'default',
}: StagedFileInit = {}): Promise<StagedFile> {
  return new StagedFile(storage, await storage.stage(chunksOf(content)), {
    storageName,
    name: displayName(name),
    contentType,
    checksum: createHash('sha256').update(content).digest('hex'),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
}
