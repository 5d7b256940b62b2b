import type { AbortSignalLike } from './abort.js';

/** What a storage knows of a file without reading it. */
export interface FileStat {
  /** In bytes. */
  readonly size: number;
  readonly lastModified: Date;
  /** A strong entity tag, quotes included (RFC 9110 section 8.8.3). Changes whenever the bytes change. */
  readonly etag: string;
  /** When anything about the file was last changed, where the storage keeps a date that nobody can set back. */
  readonly changedAt?: Date;
}

/** What is going to be read, where that is known: a storage over a network then asks for it at once. */
export interface OpenOptions {
  /** The whole file (default), perhaps nothing, or a range: from `start` to before `end`, or to the end of the file. */
  readonly expect?: 'all' | 'nothing' | { readonly start: number; readonly end?: number };
  /** Aborted when nobody wants the file any more: opening it, and reading it, may then end with any error. */
  readonly signal?: AbortSignalLike;
}

/** How the chunks of {@link OpenedFile.read} are treated. */
export interface ReadOptions {
  /** The reader is done with a chunk before it asks for the next one: its memory may be used again (default false). */
  readonly reuse?: boolean;
}

/**
 * A file opened for reading. Whether its key is given to another file meanwhile, or deleted, it stays the one that was
 * opened; a storage that cannot hold on to it throws a FileChangedError. What another program writes into it is read.
 */
export interface OpenedFile {
  readonly stat: FileStat;
  /**
   * The bytes from `start` to before `end`, both within the file.
   *
   * @throws FileChangedError when the bytes end too early, StorageFailedError.
   */
  read(start: number, end: number, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Frees it. May be called more than once. */
  close(): Promise<void>;
}
