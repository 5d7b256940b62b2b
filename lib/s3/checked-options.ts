import { constants } from 'node:buffer';
import { assertOptions, isName, isSwitch, type OptionCheck } from '../entity/option-checks.js';
import { ConfigurationError, InvalidKeyError } from '../private-storage.errors.js';
import { parseKey } from '../storage/keys.js';
import { MIN_PART_BYTES } from './part-buffers.js';
import { customerKeyBytes } from './s3-encryption.js';
import type { S3StorageOptions } from './s3-options.js';

/** {@link S3StorageOptions} with nothing left open that has a default of ours. */
export type CheckedS3Options = S3StorageOptions &
  Required<Pick<S3StorageOptions, 'prefix' | 'urlExpires' | 'delivery' | 'timeout'>>;

const URL_SECONDS = 300;
const TIMEOUT_SECONDS = 30;

const MAX_PART_BYTES = Math.min(5 * 1024 ** 3, constants.MAX_LENGTH); // of S3, and of a buffer
const MAX_URL_SECONDS = 7 * 24 * 60 * 60; // of Signature Version 4
const MAX_TIMEOUT_SECONDS = Math.floor((2 ** 31 - 1) / 1000); // Node's timers fire at once for more
const MAX_PREFIX_BYTES = 200; // of the 1,024 of a name; the rest is for the key

const CHECKS: Record<keyof S3StorageOptions, OptionCheck> = {
  bucket: isName,
  region: isName,
  storageClass: isName,
  forcePathStyle: isSwitch,
  createBucket: isSwitch,
  stableUrls: isSwitch,
  prefix: must(
    isPrefix,
    'is a folder such as "media" or "media/private", without a slash at its ends',
  ),
  endpoint: must(isHttpUrl, 'is a URL such as "https://minio.example.com"'),
  credentials: must(
    isCredentials,
    'is { accessKeyId, secretAccessKey }, or a function that gets them; leave it out for what the SDK finds',
  ),
  client: must(isClient, 'is an S3Client of @aws-sdk/client-s3'),
  encryption: must(isEncryption, "is 'AES256', { kms: keyId }, or { customerKey } of 32 bytes"),
  objectParameters: must(isObject, 'is an object such as { CacheControl: "private" }'),
  urlExpires: mustCount('seconds', 1, MAX_URL_SECONDS),
  delivery: must(isDelivery, "is 'redirect' or 'proxy'"),
  timeout: must(isTimeout, `is a number of seconds above 0, and at most ${MAX_TIMEOUT_SECONDS}`),
  partSize: mustCount('bytes', MIN_PART_BYTES, MAX_PART_BYTES),
};

/** What a client of the app's own has been told already. */
const OF_CLIENT = ['region', 'endpoint', 'forcePathStyle', 'credentials'] as const;

/**
 * Complete options; an undefined one is as good as none.
 *
 * @throws ConfigurationError
 */
export function checkedOptions(given: S3StorageOptions, where: string): CheckedS3Options {
  assertOptions(given, CHECKS, where);
  if (!isText(given.bucket)) {
    throw new ConfigurationError(
      `${where} needs a bucket: new ${where}({ bucket: 'private-media' }).`,
    );
  }
  const {
    prefix = '',
    urlExpires = URL_SECONDS,
    delivery = 'redirect',
    timeout = TIMEOUT_SECONDS,
  } = given;
  const options = { ...given, prefix, urlExpires, delivery, timeout };
  assertTogether(options, where);
  return options;
}

function assertTogether(options: CheckedS3Options, where: string): void {
  const { client, encryption, delivery, bucket } = options;
  const twice = client && OF_CLIENT.find((name) => options[name] !== undefined);
  if (twice) {
    throw new ConfigurationError(`${where}: ${twice} is for the client; leave out one of the two.`);
  }
  if (bucket.endsWith('--x-s3')) {
    throw new ConfigurationError(
      `${where}: "${bucket}" is a directory bucket; take a general purpose bucket.`,
    );
  }
  if (typeof encryption === 'object' && 'customerKey' in encryption && delivery === 'redirect') {
    throw new ConfigurationError(
      `${where}: no signed URL leads to what is encrypted with a customerKey; write delivery: 'proxy'.`,
    );
  }
}

function must(isRight: (value: unknown) => boolean, complaint: string): OptionCheck {
  return (value) => (isRight(value) ? undefined : complaint);
}

function mustCount(unit: string, min: number, max: number): OptionCheck {
  return must(
    (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
    `is a whole number of ${unit} from ${min} to ${max}`,
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPrefix(value: unknown): boolean {
  try {
    return value === '' || Buffer.byteLength(parseKey(value)) <= MAX_PREFIX_BYTES;
  } catch (error) {
    if (error instanceof InvalidKeyError) return false;
    throw error;
  }
}

function isHttpUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:/i.test(value);
}

function isCredentials(value: unknown): boolean {
  if (!isObject(value)) return typeof value === 'function';
  const { accessKeyId, secretAccessKey } = value as Record<string, unknown>;
  return isText(accessKeyId) && isText(secretAccessKey);
}

function isClient(value: unknown): boolean {
  return isObject(value) && 'send' in value && 'config' in value && 'middlewareStack' in value;
}

function isEncryption(value: unknown): boolean {
  if (!isObject(value)) return value === 'AES256';
  if (!('customerKey' in value)) return 'kms' in value && isText(value.kms);
  return !('kms' in value) && customerKeyBytes(value.customerKey) !== undefined;
}

function isDelivery(value: unknown): boolean {
  return value === 'redirect' || value === 'proxy';
}

function isTimeout(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= MAX_TIMEOUT_SECONDS;
}
