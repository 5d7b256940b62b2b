import { S3Client } from '@aws-sdk/client-s3';
import type { CheckedS3Options } from './checked-options.js';

/** More downloads at once than this wait: each has a connection for as long as its client takes. */
const MAX_SOCKETS = 1024;
const CONNECT_MS = 5_000;

/** The client of the options, or one made of them. Reads nothing of the environment but what the SDK does. */
export function clientOf(options: CheckedS3Options): S3Client {
  if (options.client) return options.client;
  const { region, endpoint, forcePathStyle, credentials } = options;
  return new S3Client({
    region,
    endpoint,
    forcePathStyle,
    credentials,
    // Servers other than AWS refuse the SDK's own checksums; TLS, or the SHA-256 that is signed, sees to the bytes.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      connectionTimeout: CONNECT_MS,
      requestTimeout: options.timeout * 1000,
      throwOnRequestTimeout: true,
    },
  });
}
