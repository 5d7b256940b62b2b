import { randomBytes } from 'node:crypto';
import { failing } from '../s3-errors.js';
import type { S3Storage } from '../s3-storage.js';
import { idOf } from './claim.js';
import { metadataOf } from './upload-ticket.js';
import type { UploadWish } from './upload-wish.js';

/** The form that a browser sends a file to S3 with, and what it hands the app afterwards. */
export interface DirectUpload {
  /** Where the form goes, by `POST` and as `multipart/form-data`. */
  readonly url: string;
  /** The form's fields, in any order; the file comes after them, as `file`. */
  readonly fields: Readonly<Record<string, string>>;
  /** What the app is handed in the file's place, once S3 has the file. Of use to the same user only, for the same field. */
  readonly claim: string;
  /** ISO 8601, UTC: until then the file has to be sent, and the claim be handed in. */
  readonly expiresAt: string;
}

/** How a form is to be made. */
export interface FormTerms {
  /** Whose it is; see `ownerOf()`. */
  readonly owner: string;
  /** In bytes. */
  readonly maxFileSize: number;
  /** In seconds. */
  readonly expires: number;
}

const CLAIM_BYTES = 24;

/**
 * Signs a form that S3 takes one kind of file by: of that size at most, of that type, under that name and no other.
 *
 * @throws StorageFailedError when there are no credentials to sign with
 */
export async function uploadForm(
  storage: S3Storage,
  { name, contentType, checksum }: UploadWish,
  { owner, maxFileSize, expires }: FormTerms,
): Promise<DirectUpload> {
  const claim = randomBytes(CLAIM_BYTES).toString('base64url');
  const { place } = storage;
  const expiresAt = new Date((Math.floor(place.now() / 1000) + expires) * 1000); // a policy knows no milliseconds
  const metadata = Object.entries(metadataOf({ owner, name, checksum, expiresAt }));
  const { createPresignedPost } = await import('@aws-sdk/s3-presigned-post');
  const { url, fields } = await failing(
    createPresignedPost(place.client, {
      Bucket: place.bucket,
      Key: place.stagingName(idOf(claim)),
      Expires: expires,
      Fields: {
        'Content-Type': contentType,
        ...Object.fromEntries(metadata.map(([key, value]) => [`x-amz-meta-${key}`, value])),
        ...checksumFields(checksum),
        ...place.encryption.writeHeaders,
      },
      Conditions: [['content-length-range', 0, maxFileSize]],
    }),
  );
  return { url, fields, claim, expiresAt: expiresAt.toISOString() };
}

/** S3 holds the bytes against it; servers that do not are found out later. */
function checksumFields(checksum: string | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return {
    'x-amz-checksum-algorithm': 'SHA256',
    'x-amz-checksum-sha256': Buffer.from(checksum, 'hex').toString('base64'),
  };
}
