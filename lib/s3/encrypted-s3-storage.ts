import { ConfigurationError } from '../private-storage.errors.js';
import type { S3StorageOptions } from './s3-options.js';
import { S3Storage } from './s3-storage.js';

/** An `S3Storage` that does not work without `encryption`. */
export class EncryptedS3Storage extends S3Storage {
  /** @throws ConfigurationError when `encryption` is missing, or another option is wrong. */
  constructor(options: S3StorageOptions & Required<Pick<S3StorageOptions, 'encryption'>>) {
    super(options);
    if (this.place.options.encryption === undefined) {
      throw new ConfigurationError(
        "EncryptedS3Storage needs encryption: write 'AES256', { kms: keyId } or { customerKey }.",
      );
    }
  }
}
