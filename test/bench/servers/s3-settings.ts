import process from 'node:process';
import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** Where the S3 of the benchmark is, and what the servers on top of it are told. */
export interface S3Settings {
  readonly bucket: string;
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Which way the rival uploads: with `Upload` of lib-storage, or with one `PutObjectCommand` of the whole file. */
  readonly rival?: 'Upload' | 'PutObject';
}

const VARIABLE = 'BENCH_S3';

export function s3Environment(settings: S3Settings): NodeJS.ProcessEnv {
  return { [VARIABLE]: JSON.stringify(settings), NODE_NO_WARNINGS: '1' }; // the SDK's, of old Node versions
}

export function readS3Settings(): S3Settings {
  return JSON.parse(process.env[VARIABLE] ?? '') as S3Settings;
}

/** For the SDK's client. Without the checksums that it adds by itself: Ceph does not take them, and they cost time. */
export function clientConfig({
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
}: S3Settings): S3ClientConfig {
  return {
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}
