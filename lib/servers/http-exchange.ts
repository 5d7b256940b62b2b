import type { ExecutionContext } from '@nestjs/common';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Abort, type AbortSignalLike } from '../storage/abort.js';
import type { Inquiry } from './file-response.js';

type PlatformRequest = IncomingMessage | { readonly raw: IncomingMessage };

/** The part of Fastify's reply that the library touches. */
interface FastifyReply {
  readonly raw: ServerResponse;
  getHeaders(): OutgoingHttpHeaders;
  hijack(): unknown;
}

/** One request and its answer, whichever framework they came through. */
export class HttpExchange {
  readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly reply?: FastifyReply;
  private leaving?: Abort;

  constructor(context: ExecutionContext) {
    const [request, response] = context.getArgs<[PlatformRequest, ServerResponse | FastifyReply]>();
    this.request = 'raw' in request ? request.raw : request;
    if ('raw' in response) this.reply = response;
    this.response = 'raw' in response ? response.raw : response;
  }

  get isHead(): boolean {
    return this.request.method === 'HEAD';
  }

  /** What was asked, for the rules of RFC 9110. */
  get inquiry(): Inquiry {
    return { isHead: this.isHead, headers: this.request.headers };
  }

  /**
   * Waits until the answers to earlier requests on the same connection have left (pipelining). Before that nothing
   * can be sent, and when the client leaves, Node tells nobody. False when it {@link isOver} by then.
   */
  async turn(): Promise<boolean> {
    const { response } = this;
    const isQueued = response.socket === null && !response.writableEnded;
    if (isQueued && !this.isOver) await this.queue();
    return !this.isOver;
  }

  /** Aborted when the client leaves before the whole answer is written. */
  get signal(): AbortSignalLike {
    return (this.leaving ??= this.watch());
  }

  /** Whether nobody waits for an answer: the client has left, or somebody else has answered. */
  get isOver(): boolean {
    return this.response.destroyed || this.request.socket.destroyed || this.response.headersSent;
  }

  /**
   * Takes the answer over from the framework, with the headers that others have set; those given here win. From here
   * on the framework must not be thrown anything.
   *
   * Returns undefined when it {@link isOver}.
   */
  begin(status: number, headers: OutgoingHttpHeaders): ServerResponse | undefined {
    const { reply, response } = this;
    if (this.isOver) return undefined;
    if (reply) setHeaders(response, reply.getHeaders());
    setHeaders(response, headers);
    reply?.hijack();
    response.writeHead(status);
    return response;
  }

  /** Answers without a body, and waits until the answer has left. A HEAD may say how long the body would be. */
  async answerEmpty(status: number, headers: OutgoingHttpHeaders): Promise<void> {
    const response = this.begin(status, headers);
    response?.end(); // returns no response where a middleware has put its own in place (express-session does)
    if (!response || response.writableFinished) return; // with Node 20 and 22 it has left by now
    await new Promise((resolve) => response.once('close', resolve));
  }

  private queue(): Promise<void> {
    const { response } = this;
    const { socket } = this.request;
    return new Promise<void>((resolve) => {
      const done = (): void => {
        response.off('socket', done);
        socket.off('close', done);
        socket.setMaxListeners(socket.getMaxListeners() - 1);
        resolve();
      };
      response.once('socket', done);
      socket.setMaxListeners(socket.getMaxListeners() + 1); // each request that waits is one listener more
      socket.once('close', done);
    });
  }

  private watch(): Abort {
    const { response } = this;
    const leaving = new Abort();
    response.once('close', () => {
      if (!response.writableEnded) leaving.abort(new Error('The client has left.'));
    });
    return leaving;
  }
}

function setHeaders(response: ServerResponse, headers: OutgoingHttpHeaders): void {
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
}
