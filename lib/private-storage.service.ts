import { createHash } from 'node:crypto';
import { Injectable, Logger, RequestMethod } from '@nestjs/common';
import {
  heldBy,
  keyFor,
  setFile,
  fileOf,
  stagedFilesOf,
  storedFilesOf,
  type FieldValue,
} from './entity/entity-files.js';
import { fieldOf, fieldsOf } from './entity/private-file.decorator.js';
import { stackOf } from './errors/stack-of.js';
import type { StagedFile } from './file/staged-file.js';
import { isStoredFile, type StoredFile } from './file/stored-file.js';
import { ConfigurationError } from './private-storage.errors.js';
import { RoutePrefix } from './private-storage.route-prefix.js';
import type { FileStat, OpenedFile } from './storage/opened-file.js';
import { percentEncoded } from './storage/keys.js';
import { StorageRegistry } from './storage/storage-registry.js';

/** Writes the entity's row; its failure takes the files back. */
export type SaveEntity = () => Promise<unknown>;

/**
 * The files of entities, for any ORM or none. The row and its file cannot be written in one step, so each method that
 * changes files takes the app's own `save` in its middle: the old file goes only after it, the new one goes when it fails.
 */
@Injectable()
export class PrivateStorageService {
  private readonly logger = new Logger(PrivateStorageService.name);

  constructor(
    private readonly storages: StorageRegistry,
    private readonly prefix: RoutePrefix,
  ) {}

  /**
   * Stores every staged file that an entity's fields hold, then calls `save`. The fields hold `StoredFile`s afterwards;
   * when anything fails they hold the `StagedFile`s again, and no file is left behind; one that
   * cannot be taken back is logged, and stays.
   *
   * @throws StagedFileGoneError, InvalidKeyError, UploadRefusedError, StorageFailedError, and whatever `save` throws;
   * ConfigurationError for a plain object, of which nobody knows which properties are private
   * @example
   * const dossier = await files.commit(Object.assign(new Dossier(), dto, { file }), () => prisma.dossier.create(...));
   */
  async commit<E extends object>(entity: E, save?: SaveEntity): Promise<E> {
    assertPrivate(entity);
    const committed: FieldValue<StagedFile>[] = [];
    try {
      for (const value of stagedFilesOf(entity)) {
        const stored = await value.file.commit(keyFor(entity, value));
        committed.push(value);
        setFile(entity, value.field, stored);
      }
      await save?.();
      return entity;
    } catch (error) {
      for (const value of committed.reverse()) await this.takeBack(entity, value);
      throw error;
    }
  }

  /**
   * Puts a new file, or none, into a field in the place of the old one, which is deleted once `save` has succeeded.
   * When anything fails the entity holds what it held before, and the old file is untouched.
   *
   * @throws as {@link commit}
   */
  async replace<E extends object>(
    entity: E,
    property: Extract<keyof E, string>,
    file: StagedFile | null,
    save: SaveEntity,
  ): Promise<E> {
    const field = fieldOf(entity.constructor, property);
    const old = fileOf(entity, field);
    const before = heldBy(entity, field);
    try {
      setFile(entity, field, file);
      await this.commit(entity, save);
    } catch (error) {
      Object.assign(entity, before);
      throw error;
    }
    if (isStoredFile(old) && !holds(entity, old)) await this.deleteObsolete(old);
    return entity;
  }

  /**
   * Calls `remove`, which deletes the entity's row, then deletes its files. When `remove` fails they stay.
   *
   * @throws whatever `remove` throws; a file that cannot be deleted is logged. ConfigurationError as {@link commit}
   */
  async delete(entity: object, remove: SaveEntity): Promise<void> {
    assertPrivate(entity);
    const files = storedFilesOf(entity);
    await remove();
    for (const { file } of files) await this.deleteObsolete(file);
  }

  /** Throws an upload away before the response ends, when it is gone anyway. */
  discard(file: StagedFile): Promise<void> {
    return file.discard();
  }

  /** Opens a file for the app itself: no guard is asked. The caller closes it. @throws FileNotFoundError */
  open(file: StoredFile): Promise<OpenedFile> {
    return this.storages.get(file.storage).open(file.key);
  }

  /** @throws FileNotFoundError */
  stat(file: StoredFile): Promise<FileStat> {
    return this.storages.get(file.storage).stat(file.key);
  }

  /**
   * Whether a file still has the bytes that were uploaded, by its checksum; reads all of it.
   *
   * @throws FileNotFoundError; ConfigurationError when it was uploaded without a checksum
   */
  async verify(file: StoredFile): Promise<boolean> {
    if (file.checksum === undefined) {
      throw new ConfigurationError(
        'The file has no checksum; leave uploads.checksum on to have one.',
      );
    }
    const opened = await this.open(file);
    try {
      const hash = createHash('sha256');
      for await (const chunk of opened.read(0, opened.stat.size, { reuse: true }))
        hash.update(chunk);
      return hash.digest('hex') === file.checksum;
    } finally {
      await opened.close();
    }
  }

  /** Deletes a file that no entity names any more; does nothing when it is gone. @throws StorageFailedError */
  deleteFile(file: StoredFile): Promise<void> {
    return this.storages.get(file.storage).delete(file.key);
  }

  /**
   * The path at which the download controller serves a file, with the app's global prefix and a path of `RouterModule`,
   * each segment encoded. The route is neutral to versions. It names the key: it is for those whom the storage's guards let in.
   *
   * @throws ConfigurationError when the storage has no `baseUrl`
   */
  url(file: Pick<StoredFile, 'storage' | 'key'>): string {
    const baseUrl = this.storages.baseUrl(file.storage);
    if (baseUrl === undefined) {
      throw new ConfigurationError(
        `The storage "${file.storage}" has no baseUrl; give it one, or link to the entity's own route.`,
      );
    }
    const prefix = this.prefix.of(`${baseUrl}/*`, RequestMethod.ALL);
    return `${prefix}${baseUrl}/${percentEncoded(file.key)}`;
  }

  /** Fails nothing: what the app has to hear of is the error that came before. */
  private async takeBack(entity: object, { field, file }: FieldValue<StagedFile>): Promise<void> {
    try {
      await file.revert();
      setFile(entity, field, file);
    } catch (error) {
      this.logger.error('A file of a failed save could not be taken back.', stackOf(error));
    }
  }

  /** The row is written already: a file that cannot be deleted is of no use, but does no harm. */
  private async deleteObsolete(file: StoredFile): Promise<void> {
    try {
      await this.deleteFile(file);
    } catch (error) {
      this.logger.error('A file that was replaced or deleted is still there.', stackOf(error));
    }
  }
}

/** Rows of many an ORM are plain objects: their files would be left where they are, without a word. */
function assertPrivate(entity: object): void {
  if (fieldsOf(entity.constructor).length > 0) return;
  throw new ConfigurationError(
    'The object has no private fields; give an instance of the class that declares them, such as Object.assign(new Dossier(), row).',
  );
}

function holds(entity: object, { storage, key }: StoredFile): boolean {
  return storedFilesOf(entity).some(({ file }) => file.storage === storage && file.key === key);
}
