import type { S3StorageOptions } from './s3-options.js';

/** Options of a preset: those of `S3Storage`, with some of them needed and some decided. */
type PresetOptions<Decided extends keyof S3StorageOptions> = Omit<
  S3StorageOptions,
  Decided | 'client'
>;

/** {@link minio} */
export interface MinioOptions extends PresetOptions<'forcePathStyle'> {
  /** Where MinIO answers: `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  /** An access key of MinIO's. */
  readonly credentials: NonNullable<S3StorageOptions['credentials']>;
}

/**
 * MinIO, and servers like it (Ceph, Garage): buckets in the path, and a region that has to be named but means nothing
 * (default `us-east-1`; Garage's is `garage`).
 *
 * @example
 * new S3Storage(minio({ endpoint: 'http://127.0.0.1:9000', bucket: 'private-media', credentials }))
 */
export function minio({ region = 'us-east-1', ...options }: MinioOptions): S3StorageOptions {
  return { ...options, region, forcePathStyle: true };
}

/** {@link r2} */
export interface R2Options extends PresetOptions<
  'endpoint' | 'region' | 'forcePathStyle' | 'encryption' | 'storageClass'
> {
  /** The ID of the Cloudflare account. */
  readonly accountId: string;
  /** Where the bucket was told to stay: `eu` or `fedramp` (default: nowhere). */
  readonly jurisdiction?: 'eu' | 'fedramp';
  /** An R2 API token's keys. */
  readonly credentials: NonNullable<S3StorageOptions['credentials']>;
}

const R2_PART_BYTES = 16 * 1024 ** 2;

/**
 * Cloudflare R2: its endpoint, its one region, and parts of one size, 16 MiB unless `partSize` says otherwise, since R2
 * takes no others. 10,000 of them are 156 GiB, the largest file.
 *
 * @example
 * new S3Storage(r2({ accountId: '023e105f4ecef8ad9ca31a8372d0c353', bucket: 'private-media', credentials }))
 */
export function r2({
  accountId,
  jurisdiction,
  partSize = R2_PART_BYTES,
  ...options
}: R2Options): S3StorageOptions {
  const host = [accountId, ...(jurisdiction ? [jurisdiction] : []), 'r2.cloudflarestorage.com'];
  return {
    ...options,
    partSize,
    endpoint: `https://${host.join('.')}`,
    region: 'auto',
  };
}
