import type { FileStorage, StagedBytes } from '../storage/file-storage.js';
import { StagedFileGoneError } from '../private-storage.errors.js';
import type { StoredFile } from './stored-file.js';

/** What was found out about an upload while it was received. */
export interface StagedFileFacts {
  /** The name of the storage that holds the bytes. */
  readonly storageName: string;
  /** The uploader's name for the file, cleaned. */
  readonly name: string;
  /** As found in the bytes. */
  readonly contentType: string;
  /** SHA-256 in lowercase hex. */
  readonly checksum?: string | undefined;
  /** In pixels; of images only. */
  readonly width?: number | undefined;
  /** In pixels; of images only. */
  readonly height?: number | undefined;
}

type StagedFileState = 'staged' | 'committed' | 'discarded';

/** An upload that has been received and checked, but belongs to no entity yet. Unless it is committed, it goes when the response ends. */
export class StagedFile implements StagedFileFacts {
  // Private at run time too: a serializer that knows no toJSON() would send the storage, and what it knows of other files.
  readonly #storage: FileStorage;
  readonly #bytes: StagedBytes;
  readonly #facts: StagedFileFacts;
  #state: StagedFileState = 'staged';
  #committing?: Promise<string>;
  #committedKey = '';

  constructor(storage: FileStorage, bytes: StagedBytes, facts: StagedFileFacts) {
    this.#storage = storage;
    this.#bytes = bytes;
    this.#facts = facts;
  }

  get storageName(): string {
    return this.#facts.storageName;
  }

  get name(): string {
    return this.#facts.name;
  }

  /** In bytes. */
  get size(): number {
    return this.#bytes.size;
  }

  get contentType(): string {
    return this.#facts.contentType;
  }

  get checksum(): string | undefined {
    return this.#facts.checksum;
  }

  get width(): number | undefined {
    return this.#facts.width;
  }

  get height(): number | undefined {
    return this.#facts.height;
  }

  get isCommitted(): boolean {
    return this.#state === 'committed';
  }

  /** Whether nobody has committed or discarded it yet. */
  get isWaiting(): boolean {
    return this.#state === 'staged';
  }

  /** Always the same: where the bytes wait is nothing for an answer or a log, and a column may not hold it. */
  toJSON(): object {
    return { 'nestjs-private-storage': 'a staged file' };
  }

  /** Whether {@link commitSync} works. */
  get canCommitSync(): boolean {
    return this.#storage.canCommitSync;
  }

  /**
   * Stores the file under `key`, or beside it where that is taken.
   *
   * @throws InvalidKeyError, StagedFileGoneError, StorageFailedError
   */
  async commit(key: string): Promise<StoredFile> {
    this.claim();
    try {
      this.#committing = this.#storage.commit(this.#bytes, key);
      return this.stored(await this.#committing);
    } catch (error) {
      this.#state = 'staged';
      throw error;
    }
  }

  /** As {@link commit}, without giving other work a turn. */
  commitSync(key: string): StoredFile {
    this.claim();
    try {
      return this.stored(this.#storage.commitSync(this.#bytes, key));
    } catch (error) {
      this.#state = 'staged';
      throw error;
    }
  }

  /** Takes a commit back, so that it can be tried again. Does nothing when there was none. */
  async revert(): Promise<void> {
    await this.#committing?.catch(() => undefined); // one that still runs has no key yet
    if (this.#state !== 'committed') return;
    await this.#storage.revert(this.#bytes, this.#committedKey);
    this.#state = 'staged';
  }

  /** As {@link revert}, without giving other work a turn. */
  revertSync(): void {
    if (this.#state !== 'committed') return;
    this.#storage.revertSync(this.#bytes, this.#committedKey);
    this.#state = 'staged';
  }

  /** Throws the file away. Does nothing once it is committed. */
  async discard(): Promise<void> {
    if (this.#state !== 'staged') return;
    this.#state = 'discarded';
    await this.#storage.discard(this.#bytes);
  }

  /** Before the first await: a file can be committed once, and not be discarded at the same time. */
  private claim(): void {
    if (this.#state !== 'staged') {
      throw new StagedFileGoneError(
        `The staged file was ${this.#state} already; a file can be stored once.`,
      );
    }
    this.#state = 'committed';
  }

  private stored(key: string): StoredFile {
    this.#committedKey = key;
    const { storageName: storage, ...facts } = this.#facts;
    return { storage, key, size: this.size, uploadedAt: new Date().toISOString(), ...facts };
  }
}
