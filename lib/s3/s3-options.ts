import type { PutObjectCommandInput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { S3Encryption } from './s3-encryption.js';

/** Where {@link S3Storage} keeps its files, and how. */
export interface S3StorageOptions {
  /** The bucket's name. */
  readonly bucket: string;
  /**
   * What the names of all objects begin with, a folder so to speak, such as `media` (default: none). The storage wants
   * it, or the bucket, for itself: what is staged there and not claimed is swept.
   */
  readonly prefix?: string;
  /** Such as `eu-central-1` (default: what the SDK finds in its environment and profiles). */
  readonly region?: string;
  /** The URL of a server other than AWS: `https://minio.example.com`. */
  readonly endpoint?: string;
  /** `https://host/bucket/key` in the place of `https://bucket.host/key` (default false): Ceph, MinIO and Garage want it. */
  readonly forcePathStyle?: boolean;
  /** Keys, or a function that gets them (default: the SDK's own chain: environment, profiles, roles). */
  readonly credentials?: S3ClientConfig['credentials'];
  /**
   * A client of the app's own, in the place of `region`, `endpoint`, `forcePathStyle`, `credentials` and `timeout`. Its
   * credentials, retries and request handler are used; its middlewares see all requests but those that carry bytes.
   */
  readonly client?: S3Client;
  /**
   * How the server encrypts objects: `'AES256'`, `{ kms: keyId }`, or `{ customerKey }` of 32 bytes that the server
   * forgets after each request, for which `delivery` has to be `'proxy'`. Default: as the bucket says.
   */
  readonly encryption?: S3Encryption;
  /** Such as `STANDARD_IA` (default: as the bucket says). What is staged is always stored as the bucket says. */
  readonly storageClass?: PutObjectCommandInput['StorageClass'];
  /** What else to say of each stored object, in the words of the SDK. */
  readonly objectParameters?: S3ObjectParameters;
  /** Make the bucket at start-up where it is missing (default false). */
  readonly createBucket?: boolean;
  /** How long a signed URL lives, in seconds (default 300, at most 604,800). */
  readonly urlExpires?: number;
  /**
   * Sign the same URL for the same file again, for half of `urlExpires`, so that browsers find it in their caches
   * (default false). A URL then has at least the other half to live.
   */
  readonly stableUrls?: boolean;
  /** The client is sent to a signed URL (`'redirect'`, the default), or gets the bytes through the app (`'proxy'`). */
  readonly delivery?: 'redirect' | 'proxy';
  /**
   * How long the server may be silent, in seconds (default 30): until it answers, from there to the end of its answer, and
   * between two pieces of a file.
   */
  readonly timeout?: number;
  /**
   * The size of the parts of a large upload, in bytes, at least 5 MiB. Default: 5 MiB, and growing with the upload, so
   * that 10,000 parts are enough for 5 TiB. With it all parts have one size, as R2 wants, and 10,000 are the end.
   */
  readonly partSize?: number;
}

/** What can be said of every object alike; see `PutObjectCommandInput` of the SDK. */
export type S3ObjectParameters = Pick<
  PutObjectCommandInput,
  | 'ACL'
  | 'CacheControl'
  | 'ContentLanguage'
  | 'Metadata'
  | 'ObjectLockLegalHoldStatus'
  | 'ObjectLockMode'
  | 'ObjectLockRetainUntilDate'
  | 'Tagging'
>;
