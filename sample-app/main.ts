import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { settings } from './settings.js';
import { welcome } from './welcome.js';

const app = await NestFactory.create(AppModule, await httpAdapter());
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
// On SIGTERM running downloads are finished; useProcessExit ends the process with 0 after them.
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(settings.port, settings.host);
const url = (await app.getUrl()).replace('[::1]', 'localhost');
if (process.send)
  process.send(url); // the launcher of a web server welcomes with its own
else console.log(welcome(url));

async function httpAdapter() {
  if (settings.httpAdapter === 'express') return new ExpressAdapter();
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}
