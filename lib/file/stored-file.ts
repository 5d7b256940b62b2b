/**
 * What an entity's property holds once its file has been stored: plain data, for a JSON column.
 * It names the key, so it is for the app and its database; what clients may see is {@link PublicFile}.
 */
export interface StoredFile {
  /** The name of the storage, as given to `PrivateStorageModule`. */
  readonly storage: string;
  /** The file's name inside the storage. */
  readonly key: string;
  /** The name the uploader gave it, cleaned, for display and downloads. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** A media type, as found in the bytes. */
  readonly contentType: string;
  /** SHA-256 of the bytes in lowercase hex; the ETag of the entity's download. */
  readonly checksum?: string;
  /** ISO 8601, UTC. */
  readonly uploadedAt: string;
  /** In pixels; of images only. */
  readonly width?: number;
  /** In pixels; of images only. */
  readonly height?: number;
}

/** What a client may know of a file: everything but where it lies. */
export type PublicFile = Omit<StoredFile, 'storage' | 'key' | 'checksum'>;

/**
 * The part of a stored file that may go into an answer.
 *
 * @example
 * return { id: dossier.id, file: dossier.file && { ...publicFile(dossier.file), url: `/dossiers/${dossier.id}/file` } };
 */
export function publicFile({
  storage: _storage,
  key: _key,
  checksum: _checksum,
  ...rest
}: StoredFile): PublicFile {
  return rest;
}

/**
 * Whether a value read from a column has the shape of a stored file. Never take one from a request: a client that may
 * name a storage and a key gets any file that the app itself may read.
 */
export function isStoredFile(value: unknown): value is StoredFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Partial<Record<keyof StoredFile, unknown>>;
  return (
    typeof file.storage === 'string' &&
    typeof file.key === 'string' &&
    typeof file.name === 'string' &&
    typeof file.size === 'number' &&
    typeof file.contentType === 'string'
  );
}
