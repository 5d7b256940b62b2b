import type { S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { InvalidKeyError } from '../private-storage.errors.js';
import { isKey } from '../storage/keys.js';
import type { CheckedS3Options } from './checked-options.js';
import { encryptionParameters, type EncryptionParameters } from './s3-encryption.js';

const MAX_NAME_BYTES = 1024; // of S3

/** No key has a segment that begins with a dot, so none leads in here. */
const STAGING_FOLDER = '.staging/';

/** Letters that need no encoding; none of them is a slash. */
const STAGED_ID = /^[\w-]{16,64}$/;

/** A bucket, the part of it that is a storage's, and how to speak to its server. */
export class S3Place {
  readonly bucket: string;
  readonly encryption: EncryptionParameters;
  readonly maxKeyBytes: number;
  private readonly folder: string;

  constructor(
    readonly client: S3Client,
    readonly options: CheckedS3Options,
  ) {
    this.bucket = options.bucket;
    this.encryption = encryptionParameters(options.encryption);
    this.folder = options.prefix === '' ? '' : `${options.prefix}/`;
    this.maxKeyBytes = MAX_NAME_BYTES - Buffer.byteLength(this.folder);
  }

  /** Milliseconds by the server's clock, which the SDK finds out to a second: what is signed is held against that. */
  now(): number {
    return Date.now() + this.client.config.systemClockOffset;
  }

  /** As {@link now}, of a date by our clock. */
  timeOf(date: Date): number {
    return date.getTime() + this.client.config.systemClockOffset;
  }

  /** The object's name; of a key, or of the beginning of keys. @throws InvalidKeyError when the prefix makes it too long. */
  nameOf(key: string): string {
    if (Buffer.byteLength(key) > this.maxKeyBytes) {
      throw new InvalidKeyError('With the prefix of its storage the key is too long for S3.');
    }
    return this.folder + key;
  }

  /** The key of an object; undefined where no key leads to it. */
  keyOf(name: string): string | undefined {
    const key = name.startsWith(this.folder) ? name.slice(this.folder.length) : '';
    return isKey(key) ? key : undefined;
  }

  /** The object's name; of a staged id. Empty for the staging area itself. */
  stagingName(id: string): string {
    return this.nameOf(STAGING_FOLDER + id);
  }

  /** For `CopySource`, which is a header. */
  copySource(name: string): string {
    return `${this.bucket}/${encodeName(name)}`;
  }
}

export function newStagedId(): string {
  return randomUUID().replaceAll('-', '');
}

/** Whether something can be an id at all: callers may hand in what they like. */
export function isStagedId(id: unknown): id is string {
  return typeof id === 'string' && STAGED_ID.test(id);
}

/** An object's name in a URL, as Signature Version 4 wants it. */
export function encodeName(name: string): string {
  return name.split('/').map(encodeText).join('/');
}

/** Percent-encoded but for the unreserved letters of RFC 3986. */
export function encodeText(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
