import { Logger } from '@nestjs/common';
import type { RequestedFile } from '../file/requested-file.js';
import { FileChangedError } from '../private-storage.errors.js';
import type { AbortSignalLike } from '../storage/abort.js';
import type { FileStat, OpenedFile, OpenOptions } from '../storage/opened-file.js';
import { BodyWriter } from './body-writer.js';
import { FileServer, representationOf, type ServedFile } from './file-server.js';
import { bodyLength, fileResponse, type FileResponse } from './file-response.js';
import type { HttpExchange } from './http-exchange.js';
import { expectedBytes } from './expected-bytes.js';
import { asksForChanges } from './preconditions.js';
import type { ByteRange } from './ranges.js';

/** Node sends the bytes itself, from any storage. */
export class StreamServer extends FileServer {
  private readonly logger = new Logger(StreamServer.name);

  async serve(served: ServedFile, exchange: HttpExchange): Promise<void> {
    const { file } = served;
    if (!(await exchange.turn())) return;
    const { headers } = exchange.request;
    if (exchange.isHead || asksForChanges(headers)) {
      const { status, headers, body } = answerTo(exchange, served, await file.stat());
      if (body.length === 0) {
        await exchange.answerEmpty(status, headers);
        return;
      }
    }
    const opened = await open(file, exchange);
    if (!opened) return;
    try {
      await this.send(answerTo(exchange, served, opened.stat), exchange, opened);
    } finally {
      await opened
        .close()
        .catch((error: unknown) => this.warn('A file could not be closed', error));
    }
  }

  /** Throws nothing once the head is out: all that is left then is to break the connection. */
  private async send(
    { status, headers, body }: FileResponse,
    exchange: HttpExchange,
    opened: OpenedFile,
  ): Promise<void> {
    if (body.length === 0) {
      await exchange.answerEmpty(status, headers);
      return;
    }
    const response = exchange.begin(status, headers);
    if (!response) return;
    const writer = new BodyWriter(response, bodyLength(body));
    try {
      for (const part of body) {
        if (typeof part === 'string') await writer.write(Buffer.from(part));
        else await sendRange(writer, part, opened);
      }
      await writer.finish();
    } catch (error) {
      if (writer.isOpen) this.warn('A download broke off', error);
      writer.breakOff();
    }
  }

  private warn(what: string, error: unknown): void {
    this.logger.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A class, since an object with a getter of its own costs a fifth of a small download. */
class Wanted implements OpenOptions {
  readonly expect: OpenOptions['expect'];

  constructor(private readonly exchange: HttpExchange) {
    this.expect = expectedBytes(exchange.request.headers);
  }

  /** Made for storages that ask for it. */
  get signal(): AbortSignalLike {
    return this.exchange.signal;
  }
}

/** Undefined when the client has left meanwhile: why it could not be opened then interests nobody. */
async function open(file: RequestedFile, exchange: HttpExchange): Promise<OpenedFile | undefined> {
  try {
    return await file.open(new Wanted(exchange));
  } catch (error) {
    if (exchange.isOver) return undefined;
    throw error;
  }
}

function answerTo({ inquiry }: HttpExchange, served: ServedFile, stat: FileStat): FileResponse {
  return fileResponse(inquiry, representationOf(served, stat));
}

/** Bytes are counted: a storage that sends fewer or more than it was asked for would shift all that follows. */
async function sendRange(
  writer: BodyWriter,
  { start, end }: ByteRange,
  opened: OpenedFile,
): Promise<void> {
  let position = start;
  for await (const chunk of opened.read(start, end, { reuse: writer.isDoneWithBytes })) {
    position += chunk.length;
    if (position > end) break;
    await writer.write(chunk);
    if (!writer.isOpen) return;
  }
  if (position !== end)
    throw new FileChangedError('The storage sent another number of bytes than it was asked for.');
}
