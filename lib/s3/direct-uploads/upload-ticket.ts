import { createHash } from 'node:crypto';

/**
 * What S3 keeps beside the bytes of a direct upload. The policy of its form names each value, and only the app can sign
 * a policy: so what is found there later was written by the app, and no list of open uploads has to be kept.
 */
export interface UploadTicket {
  /** For whom and for which field; see {@link ownerOf}. */
  readonly owner: string;
  readonly name: string;
  readonly expiresAt: Date;
  /** SHA-256 in lowercase hex, as announced. */
  readonly checksum?: string;
}

/** One user's uploads for one field: another's, or another field's, are none of it. */
export function ownerOf(storage: string, entity: string, field: string, userId: string): string {
  const parts = JSON.stringify([storage, entity, field, userId]);
  return createHash('sha256').update(parts).digest('hex');
}

/** As object metadata, which is ASCII. */
export function metadataOf({ owner, name, expiresAt, checksum }: UploadTicket): Metadata {
  return {
    owner,
    name: encodeURIComponent(name),
    expires: expiresAt.toISOString(),
    ...(checksum === undefined ? {} : { checksum }),
  };
}

/** undefined for an object that no form of ours has made. */
export function ticketOf(metadata: Partial<Metadata> = {}): UploadTicket | undefined {
  const { owner, name, expires, checksum } = metadata;
  if (owner === undefined || name === undefined || expires === undefined) return undefined;
  return { owner, name: decodeURIComponent(name), expiresAt: new Date(expires), checksum };
}

type Metadata = Record<string, string>;
