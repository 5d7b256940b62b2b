import type { RequestedFile } from '../file/requested-file.js';
import { ConfigurationError } from '../private-storage.errors.js';
import { RedirectServer } from '../servers/redirect-server.js';
import type { FileStorage, SignedUrlHeaders } from '../storage/file-storage.js';
import { percentEncoded } from '../storage/keys.js';
import { cloudFrontOptions, type CloudFrontServerOptions } from './cloudfront-options.js';
import { assertInstalled } from './required-package.js';
import { encodeText } from './s3-place.js';
import { S3Storage } from './s3-storage.js';

/**
 * Sends the client to a signed URL of CloudFront: 302 for GET and HEAD, never kept in a cache. Whoever has the URL gets
 * the file for as long as it is valid. Needs the package `@aws-sdk/cloudfront-signer`.
 *
 * The distribution has to sign its own requests to S3 (origin access control), to hand the query strings
 * `response-content-type` and `response-content-disposition` on to S3, and to have both in its cache key: S3 then answers
 * with the headers that the file would have had from the app. `Content-Security-Policy` and `X-Content-Type-Options` are
 * for a response headers policy of the distribution.
 *
 * @example
 * server: new CloudFrontServer({ url: 'https://files.example.com', keyPairId: 'K2JCJMDEHXQW5F', privateKey })
 */
export class CloudFrontServer extends RedirectServer {
  private readonly options: Required<CloudFrontServerOptions>;

  /** @throws ConfigurationError when an option is missing or wrong */
  constructor(options: CloudFrontServerOptions) {
    super();
    this.options = cloudFrontOptions(options);
  }

  override assertCanServe(storage: FileStorage, storageName: string): void {
    if (!(storage instanceof S3Storage) || !storage.canSignUrls) {
      throw new ConfigurationError(
        `CloudFrontServer cannot serve the storage "${storageName}": it needs an S3Storage, without a customerKey, ` +
          `not a ${storage.constructor.name}; write server: 'stream' for this one.`,
      );
    }
    assertInstalled('@aws-sdk/cloudfront-signer', 'CloudFrontServer');
  }

  protected override async locate(
    { key, storage }: RequestedFile,
    { contentType, contentDisposition }: SignedUrlHeaders,
  ): Promise<string> {
    const { getSignedUrl } = await import('@aws-sdk/cloudfront-signer');
    const { url, keyPairId, privateKey, expires } = this.options;
    const now = storage instanceof S3Storage ? storage.place.now() : Date.now(); // ours may be wrong
    // Older signers sign the query as it is given, and write it anew with all of these letters encoded.
    const query = [
      `response-content-disposition=${encodeText(contentDisposition)}`,
      `response-content-type=${encodeText(contentType)}`,
    ];
    return getSignedUrl({
      url: `${url}/${percentEncoded(key)}?${query.join('&')}`,
      keyPairId,
      privateKey,
      dateLessThan: new Date(now + expires * 1000),
    });
  }
}
