import { posix } from 'node:path';
import type { FileStorage } from '../storage/file-storage.js';
import type { FileStat, OpenedFile, OpenOptions } from '../storage/opened-file.js';
import { contentTypeOfName } from './content-types.js';
import type { StoredFile } from './stored-file.js';

/** What somebody wants to do with a file: read it (GET and HEAD, whole or a range), or put a new one in. */
export type FileAction = 'download' | 'upload';

/** The user as the app's own guard left it on the request. Give `RequestedFile` a second type to say more of it. */
export type RequestUser = Readonly<Record<string, unknown>>;

export interface RequestedFileInit<P> {
  readonly storage: FileStorage;
  readonly storageName: string;
  /** A checked key; empty for an upload, which has none yet. */
  readonly key: string;
  readonly action: FileAction;
  readonly parent: P;
  /** What the entity knows of the file. */
  readonly stored?: StoredFile;
}

/** A file that is being asked for: what a guard judges and a file server sends. */
export class RequestedFile<P = unknown, U = RequestUser> {
  /** Where it lies. Nothing is asked of the storage before the guards have said yes. */
  readonly storage: FileStorage;
  readonly storageName: string;
  /** The one canonical spelling, and exactly what is opened. Empty when `action` is `upload`. */
  readonly key: string;
  readonly action: FileAction;
  /** The platform's request: Express's or Fastify's. */
  readonly request: unknown;
  /** The entity that the file belongs to, where it was found by one. */
  readonly parent: P;
  readonly stored?: StoredFile;
  private readonly userOf: (request: unknown) => U;
  private knownStat?: Promise<FileStat>;

  /** `userOf` is called each time, since guards put the user there on the way. */
  constructor(init: RequestedFileInit<P>, request: unknown, userOf: (request: unknown) => U) {
    this.storage = init.storage;
    this.storageName = init.storageName;
    this.key = init.key;
    this.action = init.action;
    this.request = request;
    this.parent = init.parent;
    this.stored = init.stored;
    this.userOf = userOf;
  }

  /** Whoever is logged in. A `PrivateFileGuard` is never asked about nobody. */
  get user(): U {
    return this.userOf(this.request);
  }

  /** The name to offer to somebody who saves the file. */
  get name(): string {
    return this.stored?.name ?? posix.basename(this.key);
  }

  /** As found in the bytes when it was uploaded; by its extension for a file that is known by its key alone. */
  get contentType(): string {
    return this.stored?.contentType ?? contentTypeOfName(this.key);
  }

  /** The absolute path, where files of this storage have one. */
  get localPath(): string | undefined {
    return this.storage.localPath(this.key);
  }

  /** @throws FileNotFoundError, StorageFailedError */
  stat(): Promise<FileStat> {
    return (this.knownStat ??= this.storage.stat(this.key));
  }

  /** A strong entity tag of the file as it was found (RFC 9110 section 8.8.3). */
  etag(found: FileStat): string {
    const { stored } = this;
    const isAsUploaded =
      stored?.checksum !== undefined &&
      stored.size === found.size &&
      (found.changedAt ?? found.lastModified).getTime() <= Date.parse(stored.uploadedAt);
    return isAsUploaded ? `"${stored.checksum}"` : found.etag;
  }

  /** The caller closes it. @throws FileNotFoundError, StorageFailedError */
  open(options?: OpenOptions): Promise<OpenedFile> {
    return this.storage.open(this.key, options);
  }
}
