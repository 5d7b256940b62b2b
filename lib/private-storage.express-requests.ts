import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import process from 'node:process';

/** The first version of Node that does not need it. */
const MENDED_IN = 24;

/** What Express and its router put on every request. Nothing of the app's or of its parsers': somebody may ask for that with `in`. */
const OF_REQUEST = ['res', 'next', 'baseUrl', 'originalUrl', '_parsedUrl', 'params', 'route'];
const OF_RESPONSE = { locals: undefined, statusCode: 200, statusMessage: undefined };
/** One more, a symbol that the router keeps to itself. */
const MATCHED_ROUTE = 'router.tracing.matchedRoute';

/**
 * Puts on each request and response what Express is going to put there, before it changes their prototypes. In Node 20
 * and 22 an object that gets a property after that has a hidden class of its own, and is slow from then on: for a small
 * download that is some two fifths of the CPU.
 */
@Injectable()
export class ExpressRequests implements OnApplicationBootstrap {
  private readonly ofRequest: Record<PropertyKey, undefined> = Object.fromEntries(
    OF_REQUEST.map((name) => [name, undefined]),
  );
  private knowsRoute = false;

  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    const { httpAdapter } = this.host as { httpAdapter?: HttpAdapterHost['httpAdapter'] };
    if (httpAdapter?.getType() !== 'express' || parseInt(process.versions.node) >= MENDED_IN)
      return;
    const server = httpAdapter.getHttpServer() as Server;
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      Object.assign(request, this.ofRequest);
      Object.assign(response, OF_RESPONSE);
      if (!this.knowsRoute) response.once('close', () => this.learn(request));
    });
  }

  private learn(request: IncomingMessage): void {
    for (const symbol of Object.getOwnPropertySymbols(request)) {
      if (symbol.description !== MATCHED_ROUTE) continue;
      this.ofRequest[symbol] = undefined;
      this.knowsRoute = true;
    }
  }
}
