import type { RequestedFile } from '../file/requested-file.js';
import type { FileStorage } from '../storage/file-storage.js';
import type { FileStat } from '../storage/opened-file.js';
import {
  fileHeaders,
  guardingHeaders,
  type FileHeaders,
  type GuardingHeaders,
  type Presentation,
} from './file-headers.js';
import type { Representation } from './file-response.js';
import type { HttpExchange } from './http-exchange.js';

/** A file that the guards have let out, and the headers that describe it. */
export class ServedFile {
  constructor(
    readonly file: RequestedFile,
    private readonly presentation: Presentation,
  ) {}

  /** Sent with every answer that carries the file or stands for it, by every kind of server. */
  get headers(): FileHeaders {
    return fileHeaders(this.presentation);
  }

  /** Those of them that a 304 has too. */
  get guardingHeaders(): GuardingHeaders {
    return guardingHeaders(this.presentation.cacheControl);
  }
}

/** A file as it was found, for the rules of RFC 9110. */
export function representationOf(served: ServedFile, stat: FileStat): Representation {
  const { size, lastModified } = stat;
  return { size, lastModified, etag: served.file.etag(stat), served };
}

/** How the bytes of a file leave. */
export abstract class FileServer {
  /** Called at start-up for each storage it is to serve: throws a ConfigurationError when it cannot. */
  assertCanServe(_storage: FileStorage, _storageName: string): void {
    return undefined;
  }

  /** The URL under which a web server is asked for the storage's files, where that is how. No two storages share one. */
  internalUrl(_storageName: string): string | undefined {
    return undefined;
  }

  /**
   * Answers a GET or HEAD. What throws before `exchange.begin()` becomes the app's error answer; after it nothing may
   * be thrown, and the connection is the only thing left to break. Resolves when the bytes have left, so that an
   * interceptor which takes the time takes the right one.
   *
   * @throws FileNotFoundError, StorageFailedError
   */
  abstract serve(served: ServedFile, exchange: HttpExchange): Promise<void>;
}
