import {
  Module,
  type INestApplication,
  type LoggerService,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Starts a real app that speaks HTTP/2, on a free port of 127.0.0.1; returns it and its URL. */
export async function startHttp2(
  metadata: ModuleMetadata,
  logger: LoggerService | false = false,
): Promise<{ app: INestApplication; url: string }> {
  @Module(metadata)
  class Http2Module {}
  const platform = new FastifyAdapter({ http2: true });
  const app = await NestFactory.create(Http2Module, platform, { logger, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
