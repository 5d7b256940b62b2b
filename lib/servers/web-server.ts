import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { ConfigurationError } from '../private-storage.errors.js';
import type { FileStorage } from '../storage/file-storage.js';
import { FileServer, representationOf, type ServedFile } from './file-server.js';
import { fileResponse, type FileResponse, type Inquiry } from './file-response.js';
import type { HttpExchange } from './http-exchange.js';
import { StreamServer } from './stream-server.js';

const WHOLE: Inquiry = { isHead: false, headers: {} };

/** What all web servers have in common. */
export interface WebServerOptions {
  /** What happens to storages that the server cannot send from: Node streams them. Without it they fail at start-up. */
  readonly fallback?: 'stream';
}

/**
 * A web server in front of the app sends the bytes; the app tells it the file in one header, on the 200 of a GET.
 *
 * Node itself answers what has no bytes (HEAD, 304, 412, 416, an empty file), requests whose `Range` is none, and those
 * with `If-Match` or `If-Range`: only who opens the file can hold it against a tag, and the web server opens it later.
 */
export abstract class WebServer extends FileServer {
  private readonly streamed = new StreamServer();
  private readonly fallback?: 'stream';

  /** @throws ConfigurationError when an option is wrong. */
  constructor({ fallback }: WebServerOptions = {}) {
    super();
    if (fallback !== undefined && (fallback as unknown) !== 'stream') {
      throw new ConfigurationError(
        `${new.target.name}: fallback is 'stream' or left out, not "${fallback as string}".`,
      );
    }
    this.fallback = fallback;
  }

  /** Whether the web server can send files of a storage. */
  protected canSendFrom(storage: FileStorage): boolean {
    return storage.localPath('file') !== undefined;
  }

  /** The one header that the web server is configured for; undefined when it cannot name this file. */
  protected abstract internalHeaders(
    served: ServedFile,
  ): OutgoingHttpHeaders | undefined | Promise<OutgoingHttpHeaders | undefined>;

  override assertCanServe(storage: FileStorage, storageName: string): void {
    if (this.fallback || this.canSendFrom(storage)) return;
    const { name } = this.constructor;
    throw new ConfigurationError(
      `${name} cannot send the files of the storage "${storageName}": ${storage.constructor.name} does not keep them ` +
        `where a web server finds them; write server: 'stream' for it, or new ${name}({ fallback: 'stream' }).`,
    );
  }

  async serve(served: ServedFile, exchange: HttpExchange): Promise<void> {
    const { file } = served;
    if (isHeldAgainstTag(exchange.request.headers) || !this.canSendFrom(file.storage))
      return this.streamed.serve(served, exchange);

    if (!(await exchange.turn())) return;
    const found = representationOf(served, await file.stat());
    const answer = fileResponse(exchange.inquiry, found);
    if (answer.body.length === 0) {
      await exchange.answerEmpty(answer.status, answer.headers);
      return;
    }

    const internal = isRangeIgnored(answer, exchange)
      ? undefined
      : await this.internalHeaders(served);
    if (!internal) return this.streamed.serve(served, exchange);
    const whole = answer.status === 206 ? fileResponse(WHOLE, found) : answer; // ranges are the web server's
    await exchange.answerEmpty(
      200,
      Object.assign({}, whole.headers, { 'Content-Length': 0 }, internal),
    );
  }
}

/** A range that is none is no range to RFC 9110, and to most web servers a mistake. */
function isRangeIgnored({ status }: FileResponse, { request }: HttpExchange): boolean {
  return status === 200 && request.headers.range !== undefined;
}

function isHeldAgainstTag(headers: IncomingHttpHeaders): boolean {
  return headers['if-match'] !== undefined || headers['if-range'] !== undefined;
}
