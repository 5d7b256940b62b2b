import { ConfigurationError } from '../private-storage.errors.js';
import type { RequestedFile } from '../file/requested-file.js';
import type { FileStorage, SignedUrlHeaders } from '../storage/file-storage.js';
import { FileServer, type ServedFile } from './file-server.js';
import type { HttpExchange } from './http-exchange.js';

/**
 * Sends the client to a signed URL of the storage: 302 for GET and HEAD, never kept in a cache. Whoever has the URL
 * gets the file for as long as it is valid.
 */
export class RedirectServer extends FileServer {
  override assertCanServe(storage: FileStorage, storageName: string): void {
    if (storage.canSignUrls) return;
    throw new ConfigurationError(
      `RedirectServer cannot serve the storage "${storageName}": ${storage.constructor.name} signs no URLs; ` +
        `write server: 'stream' for it.`,
    );
  }

  /** A file that an entity names is believed to be there, so that nobody has to wait for the storage. */
  async serve({ file, headers }: ServedFile, exchange: HttpExchange): Promise<void> {
    if (!(await exchange.turn())) return;
    if (!file.stored) await file.stat();
    const location = await this.locate(file, {
      contentType: headers['Content-Type'],
      contentDisposition: headers['Content-Disposition'],
    });
    await exchange.answerEmpty(302, {
      Location: location,
      'Cache-Control': 'no-store',
      'Content-Length': 0,
    });
  }

  /** The URL to send the client to; called once the guards have said yes. */
  protected locate(file: RequestedFile, headers: SignedUrlHeaders): Promise<string> {
    return file.storage.signedUrl(file.key, headers);
  }
}
