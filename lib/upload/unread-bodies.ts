import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { refuseUnreadBody } from './refuse-body.js';
import { announcesBody } from './request-body.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from './upload-options.js';

/**
 * Lets the client see the answer when a guard, a pipe or a router of the app refuses a request with a body before an
 * interceptor could. It sits on Node's server, since a guard's refusal passes nothing else that is the same on every
 * platform.
 */
@Injectable()
export class UnreadBodies implements OnApplicationBootstrap {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(UPLOAD_OPTIONS) private readonly options: ResolvedUploadOptions,
  ) {}

  onApplicationBootstrap(): void {
    const { httpAdapter } = this.host as { httpAdapter?: HttpAdapterHost['httpAdapter'] };
    const server = httpAdapter?.getHttpServer() as Server | undefined;
    server?.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!announcesBody(request)) return;
      response.prependOnceListener('finish', () => refuseUnreadBody(request, this.options));
    });
  }
}
