import 'reflect-metadata';
import type { AddressInfo, Server } from 'node:net';
import process from 'node:process';
import { Module, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Adapter } from './settings.js';

type Prepare = (app: INestApplication) => unknown;

/** Starts a Nest app on a free port of 127.0.0.1 and prints its URL, or that of what `front` puts before it. */
export async function serve(
  adapter: Adapter,
  metadata: ModuleMetadata,
  { prepare, front }: { prepare?: Prepare; front?: (url: string) => Promise<string> } = {},
): Promise<void> {
  @Module(metadata)
  class BenchModule {}
  const platform = adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(BenchModule, platform, { logger: ['error'] });
  await prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  process.stdout.write(`${front ? await front(url) : url}\n`);
}

export function isFastify(app: INestApplication): app is NestFastifyApplication {
  return app.getHttpAdapter().getType() === 'fastify';
}
