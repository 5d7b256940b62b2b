import type { OutgoingHttpHeaders } from 'node:http';
import { ConfigurationError } from '../private-storage.errors.js';
import type { FileStorage } from '../storage/file-storage.js';
import type { ServedFile } from './file-server.js';
import { percentEncoded } from '../storage/keys.js';
import { defaultInternalUrl, isInternalUrl } from './internal-urls.js';
import { WebServer, type WebServerOptions } from './web-server.js';

/** What nginx is told with each file. Without an option nginx does as its configuration says. */
export interface NginxServerOptions extends WebServerOptions {
  /**
   * The `internal` location of one storage, with a slash at its end (default
   * `/private-x-accel-redirect/<name of the storage>/`, so that one server serves several storages).
   */
  readonly internalUrl?: string;
  /** Whether nginx reads ahead of a slow client (`X-Accel-Buffering`); for files it fetches from elsewhere. */
  readonly buffering?: boolean;
  /** The most that one client gets, in bytes a second; 0 for no limit (`X-Accel-Limit-Rate`). */
  readonly limitRate?: number;
  /** How long nginx's own cache may keep an answer, in seconds; 0 for not at all (`X-Accel-Expires`). */
  readonly expires?: number;
}

/**
 * nginx sends the bytes: `X-Accel-Redirect` to an `internal` location. Files of a storage that signs URLs (S3) nginx
 * fetches itself: the location gets the signed path and query as its arguments, unchanged.
 */
export class NginxServer extends WebServer {
  private readonly ownUrl?: string;
  private readonly told: OutgoingHttpHeaders;

  /** @throws ConfigurationError when an option is wrong. */
  constructor(options: NginxServerOptions = {}) {
    super(options);
    const { internalUrl, buffering } = options;
    if (internalUrl !== undefined) assertInternalUrl(internalUrl);
    if (buffering !== undefined && typeof (buffering as unknown) !== 'boolean') {
      throw new ConfigurationError(
        `NginxServer: buffering is true or false; not ${String(buffering)}.`,
      );
    }
    this.ownUrl = internalUrl;
    this.told = {
      'X-Accel-Buffering': buffering === undefined ? undefined : buffering ? 'yes' : 'no',
      'X-Accel-Limit-Rate': wholeNumber(options, 'limitRate'),
      'X-Accel-Expires': wholeNumber(options, 'expires'),
    };
  }

  override internalUrl(storageName: string): string {
    return this.ownUrl ?? defaultInternalUrl(storageName);
  }

  override assertCanServe(storage: FileStorage, storageName: string): void {
    super.assertCanServe(storage, storageName);
    assertInternalUrl(this.internalUrl(storageName));
  }

  protected override canSendFrom(storage: FileStorage): boolean {
    return super.canSendFrom(storage) || storage.canSignUrls;
  }

  protected override async internalHeaders(served: ServedFile): Promise<OutgoingHttpHeaders> {
    const { file } = served;
    const url = this.internalUrl(file.storageName);
    const target =
      file.localPath === undefined
        ? `${url}?${await signedTarget(served)}`
        : `${url}${percentEncoded(file.key)}`;
    return { 'X-Accel-Redirect': target, 'Accept-Ranges': undefined, ...this.told }; // ranges it announces itself
  }
}

/** Path and query as they were signed: not even `URL` may write them anew. */
async function signedTarget({ file, headers }: ServedFile): Promise<string> {
  const url = await file.storage.signedUrl(file.key, {
    contentType: headers['Content-Type'],
    contentDisposition: headers['Content-Disposition'],
  });
  return url.replace(/^https?:\/\/[^/?#]*/i, '');
}

function assertInternalUrl(url: unknown): void {
  if (typeof url === 'string' && isInternalUrl(url)) return;
  throw new ConfigurationError(
    `NginxServer: internalUrl is a path such as "/private-x-accel-redirect/invoices/", of letters, digits, "-", ".", "_" ` +
      `and "~", with a slash at its end; not "${String(url)}".`,
  );
}

function wholeNumber(
  options: NginxServerOptions,
  name: 'limitRate' | 'expires',
): number | undefined {
  const value = options[name];
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
  const unit = name === 'limitRate' ? 'bytes a second' : 'seconds';
  throw new ConfigurationError(
    `NginxServer: ${name} is a whole number of ${unit}, or 0; not ${String(value)}.`,
  );
}
