import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { leaveBodiesUnread } from './fastify-bodies.js';

/** Lets Fastify take forms, for the interceptors to read. */
@Injectable()
export class FastifyMultipart implements OnApplicationBootstrap {
  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    leaveBodiesUnread(this.host, 'multipart/form-data');
  }
}
