import {
  Module,
  type DynamicModule,
  type INestApplication,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** A running app and where it answers. */
export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Prepare = (app: INestApplication) => unknown;

/** Starts a real app on a free port of 127.0.0.1. */
export async function startApp(
  adapter: Adapter,
  metadata: ModuleMetadata,
  prepare?: Prepare,
): Promise<RunningApp> {
  @Module(metadata)
  class TestModule {}
  const app = await createApp(TestModule, adapter);
  await prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

function createApp(module: Type | DynamicModule, adapter: Adapter): Promise<INestApplication> {
  const platform = adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  return NestFactory.create(module, platform, { logger: false, abortOnError: false });
}
