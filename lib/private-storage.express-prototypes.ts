import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { IncomingMessage, ServerResponse } from 'node:http';
import process from 'node:process';

/** The first version of Node that does not need it. */
const MENDED_IN = 24;

/** What Node's server calls to make a request, or the answer to one: an old function, which is no class. */
type Maker = typeof IncomingMessage | typeof ServerResponse;

/**
 * Has Node make requests and responses with the prototypes that Express would give them one by one. In Node 20 and 22 an
 * object whose prototype was changed gets a hidden class of its own with the next property, and is slow from then on:
 * that takes more CPU than all the rest of a small download.
 *
 * Node has the options `IncomingMessage` and `ServerResponse` for this, but Nest makes the server without options.
 */
@Injectable()
export class ExpressPrototypes implements OnApplicationBootstrap {
  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    const { httpAdapter } = this.host as { httpAdapter?: HttpAdapterHost['httpAdapter'] };
    if (httpAdapter?.getType() !== 'express' || parseInt(process.versions.node) >= MENDED_IN)
      return;
    const { request, response } = Object(httpAdapter.getInstance()) as Record<string, unknown>;
    const server: unknown = httpAdapter.getHttpServer();
    makeWith(request, IncomingMessage, Object(server) as object);
    makeWith(response, ServerResponse, Object(server) as object);
  }
}

/** Leaves a server alone that makes objects of a class of the app's own. */
function makeWith(prototype: unknown, make: Maker, server: object): void {
  const option = Object.getOwnPropertySymbols(server).find(
    (key) => Reflect.get(server, key) === make,
  );
  if (option === undefined || !(prototype instanceof make)) return;
  function Message(this: object, ...parts: ConstructorParameters<Maker>): void {
    Reflect.apply(make, this, parts);
  }
  Message.prototype = prototype;
  Reflect.set(server, option, Message);
}
