import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import type { SignedUrlHeaders } from '../storage/file-storage.js';
import { encodeName, encodeText, type S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** Signs URLs by which anybody gets an object for some time. */
export class SignedUrls {
  private presigner?: S3RequestPresigner;

  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
  ) {}

  async sign(name: string, { contentType, contentDisposition }: SignedUrlHeaders): Promise<string> {
    const { path, signingRegion, signingService, ...address } = await this.requests.locate();
    const { config } = this.place.client;
    const { urlExpires, stableUrls } = this.place.options;
    const now = this.place.now();
    const half = Math.ceil(urlExpires / 2);
    this.presigner ??= new S3RequestPresigner({ ...config });
    const signed = await this.presigner.presign(
      {
        ...address,
        method: 'GET',
        path: path + encodeName(name),
        query: {
          'response-cache-control': stableUrls ? `private, max-age=${half}` : 'private, no-cache',
          'response-content-disposition': contentDisposition,
          'response-content-type': contentType,
        },
        headers: { host: address.host },
      },
      {
        expiresIn: urlExpires,
        signingDate: new Date(stableUrls ? now - (now % (half * 1000)) : now),
        signingRegion,
        signingService,
      },
    );
    const query = Object.entries(signed.query ?? {})
      .map(([key, value]) => `${encodeText(key)}=${encodeText(String(value))}`)
      .join('&');
    return `${address.protocol}//${address.host}${signed.path}?${query}`;
  }
}
