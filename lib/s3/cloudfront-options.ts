import { createPrivateKey } from 'node:crypto';
import { assertOptions, isName, type OptionCheck } from '../entity/option-checks.js';
import { ConfigurationError } from '../private-storage.errors.js';

/** A CloudFront distribution before a bucket, and the key that it believes. */
export interface CloudFrontServerOptions {
  /**
   * Where the storage's files are on the distribution: `https://d111111abcdef8.cloudfront.net`, followed by the storage's
   * `prefix` unless the distribution adds that itself (its origin path).
   */
  readonly url: string;
  /** The ID of the public key, which is in a key group that the distribution trusts. */
  readonly keyPairId: string;
  /** The private key in PEM. */
  readonly privateKey: string | Buffer;
  /** How long a signed URL lives, in seconds (default 300). */
  readonly expires?: number;
}

const EXPIRES_SECONDS = 300;
const REQUIRED = ['url', 'keyPairId', 'privateKey'] as const;

const CHECKS: Readonly<Record<keyof CloudFrontServerOptions, OptionCheck>> = {
  url: (value) =>
    typeof value === 'string' && /^https?:\/\/[^/?#]+[^?#]*$/.test(value) && URL.canParse(value)
      ? undefined
      : 'is the URL of the distribution, such as "https://d111111abcdef8.cloudfront.net"',
  keyPairId: isName,
  privateKey: (value) => (isPrivateKey(value) ? undefined : 'is a private key in PEM'),
  expires: (value) =>
    Number.isSafeInteger(value) && Number(value) > 0
      ? undefined
      : 'is a number of seconds, 1 or more',
};

/** Complete options. @throws ConfigurationError */
export function cloudFrontOptions(
  given: CloudFrontServerOptions,
): Required<CloudFrontServerOptions> {
  assertOptions(given, CHECKS, 'CloudFrontServer');
  const missing = REQUIRED.find((name) => (given[name] as unknown) === undefined);
  if (missing) throw new ConfigurationError(`CloudFrontServer: ${missing} is missing.`);
  const { expires = EXPIRES_SECONDS } = given;
  return { ...given, expires, url: given.url.replace(/\/+$/, '') };
}

function isPrivateKey(value: unknown): boolean {
  try {
    createPrivateKey(value as string | Buffer);
    return true;
  } catch {
    return false;
  }
}
