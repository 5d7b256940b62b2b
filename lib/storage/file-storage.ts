import { FileNotFoundError, StorageFailedError } from '../private-storage.errors.js';
import { parseKey, withRandomSuffix } from './keys.js';
import type { FileStat, OpenedFile, OpenOptions } from './opened-file.js';

/** Bytes that have been received in full, but have no key yet. Plain, serializable. */
export interface StagedBytes {
  /** Names the bytes inside the storage's staging area. */
  readonly id: string;
  /** In bytes. */
  readonly size: number;
}

/** How {@link FileStorage.commit} treats a key that is taken. */
export interface CommitOptions {
  /** Replace what is there, atomically. Default: a taken key gets a random suffix. */
  readonly overwrite?: boolean;
}

/** What whoever serves a signed URL has to say of the file. */
export interface SignedUrlHeaders {
  readonly contentType: string;
  readonly contentDisposition: string;
}

/**
 * Where bytes live, and the injection token of the default storage.
 *
 * The public methods check keys once; a storage of one's own implements the protected ones, which are handed checked
 * keys only, and is proven with `lintStorage()` of `nestjs-private-storage/testing`.
 */
export abstract class FileStorage {
  /** Called once at start-up: makes the place ready, or throws a ConfigurationError that says what is wrong with it. */
  prepare(): void | Promise<void> {
    return undefined;
  }

  /**
   * Receives bytes into the staging area, where no key leads to them. When `bytes` throws, nothing is left behind and
   * the error is passed on. A chunk has to stay as it is until `bytes` ends, since chunks are written many at a time.
   *
   * @throws StorageFullError, StorageFailedError
   */
  abstract stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes>;

  /** Throws staged bytes away. Does nothing when they are gone already. @throws StorageFailedError */
  abstract discard(staged: StagedBytes): Promise<void>;

  /** Removes what was staged before `before` and never claimed; returns how many. @throws StorageFailedError */
  abstract sweep(before: Date): Promise<number>;

  /**
   * Gives staged bytes a key, atomically: a reader sees the whole file or none. Returns the key they got.
   *
   * @throws InvalidKeyError, StagedFileGoneError, StorageFullError, StorageFailedError
   */
  async commit(
    staged: StagedBytes,
    key: string,
    { overwrite = false }: CommitOptions = {},
  ): Promise<string> {
    for (const candidate of candidates(key, this.maxKeyBytes)) {
      if (await this.commitObject(staged.id, candidate, overwrite)) return candidate;
    }
    throw new StorageFailedError(NO_FREE_KEY);
  }

  /** As {@link commit}, without giving other work a turn. Only where {@link canCommitSync}. */
  commitSync(staged: StagedBytes, key: string): string {
    for (const candidate of candidates(key, this.maxKeyBytes)) {
      if (this.commitObjectSync(staged.id, candidate)) return candidate;
    }
    throw new StorageFailedError(NO_FREE_KEY);
  }

  /**
   * Undoes a commit: the bytes lose their key and are staged again.
   *
   * @throws InvalidKeyError, FileNotFoundError, StorageFailedError
   */
  async revert(staged: StagedBytes, key: string): Promise<void> {
    return this.revertObject(staged.id, parseKey(key));
  }

  /** As {@link revert}, without giving other work a turn. Only where {@link canCommitSync}. */
  revertSync(staged: StagedBytes, key: string): void {
    this.revertObjectSync(staged.id, parseKey(key));
  }

  /** Whether {@link commitSync} and {@link revertSync} work: a disk can, a network cannot. */
  readonly canCommitSync: boolean = false;

  /**
   * Stages and commits in one go, for files that come from the app itself. Returns the key the file got. Chunks may be
   * overwritten once the next one is asked for.
   *
   * @throws InvalidKeyError, StorageFullError, StorageFailedError, and whatever `bytes` throws
   */
  async put(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    options?: CommitOptions,
  ): Promise<string> {
    parseKey(key);
    const staged = await this.stage(copies(bytes));
    try {
      return await this.commit(staged, key, options);
    } catch (error) {
      await this.discard(staged).catch(() => undefined); // the sweep gets it
      throw error;
    }
  }

  /** @throws InvalidKeyError, FileNotFoundError, StorageFailedError */
  async stat(key: string): Promise<FileStat> {
    return await this.statObject(parseKey(key));
  }

  /** @throws InvalidKeyError, FileNotFoundError, StorageFailedError */
  async open(key: string, options?: OpenOptions): Promise<OpenedFile> {
    return await this.openObject(parseKey(key), options);
  }

  /** @throws InvalidKeyError, StorageFailedError */
  async exists(key: string): Promise<boolean> {
    try {
      await this.statObject(parseKey(key));
      return true;
    } catch (error) {
      if (error instanceof FileNotFoundError) return false;
      throw error;
    }
  }

  /** Deletes a file. Does nothing when there is none. @throws InvalidKeyError, StorageFailedError */
  async delete(key: string): Promise<void> {
    return this.deleteObject(parseKey(key));
  }

  /** The absolute path of a file, for web servers that send it themselves; undefined where files have none. */
  localPath(key: string): string | undefined {
    return this.objectPath(parseKey(key));
  }

  /**
   * Where a file's bytes are: its path, or what stands for one elsewhere. By it a storage is found that lies in another.
   * Called once all storages are prepared. @throws InvalidKeyError, StorageFailedError
   */
  async locationOf(key: string): Promise<string | undefined> {
    return this.localPath(key);
  }

  /** Whether {@link signedUrl} works. */
  readonly canSignUrls: boolean = false;

  /** How files leave where no `server` is chosen: Node sends them, or the client is sent to a signed URL. */
  readonly delivery: 'stream' | 'redirect' = 'stream';

  /**
   * A URL that gives whoever has it the file, for a short time, and asks nobody. Only where {@link canSignUrls}.
   * It does not say whether there is such a file.
   *
   * @throws InvalidKeyError, StorageFailedError
   */
  async signedUrl(key: string, headers: SignedUrlHeaders): Promise<string> {
    return this.signObjectUrl(parseKey(key), headers);
  }

  /** In bytes of UTF-8, where that is less than a key may have at all: a random suffix keeps to it. */
  protected readonly maxKeyBytes: number = Infinity;

  /** Gives staged bytes a key and ends their staging; false when the key is taken and `overwrite` is not set. */
  protected abstract commitObject(id: string, key: string, overwrite: boolean): Promise<boolean>;
  /** Takes a committed file back into the staging area, under the id that it had there. */
  protected abstract revertObject(id: string, key: string): Promise<void>;
  /** @throws FileNotFoundError when there is no such file, StorageFailedError */
  protected abstract statObject(key: string): Promise<FileStat>;
  /** @throws FileNotFoundError when there is no such file, StorageFailedError */
  protected abstract openObject(key: string, options?: OpenOptions): Promise<OpenedFile>;
  /** Does nothing when there is no such file. @throws StorageFailedError */
  protected abstract deleteObject(key: string): Promise<void>;

  /** As `commitObject`, without an await; where `canCommitSync` is true. */
  protected commitObjectSync(_id: string, _key: string): boolean {
    throw new StorageFailedError(`${this.constructor.name} cannot commit synchronously.`);
  }

  /** As `revertObject`, without an await; where `canCommitSync` is true. */
  protected revertObjectSync(_id: string, _key: string): void {
    throw new StorageFailedError(`${this.constructor.name} cannot revert synchronously.`);
  }

  /** As `signedUrl`; where `canSignUrls` is true. */
  protected signObjectUrl(_key: string, _headers: SignedUrlHeaders): Promise<string> {
    return Promise.reject(new StorageFailedError(`${this.constructor.name} signs no URLs.`));
  }

  /** The file's absolute path, where it has one. */
  protected objectPath(_key: string): string | undefined {
    return undefined;
  }
}

const ATTEMPTS = 10;
const NO_FREE_KEY = `The storage took none of ${ATTEMPTS} keys.`;

/** The key that is asked for, then others beside it. Suffixes are random: ten that are taken are a fault of the storage. */
function* candidates(key: string, maxBytes: number): Generator<string> {
  yield parseKey(key);
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) yield withRandomSuffix(key, maxBytes);
}

async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
