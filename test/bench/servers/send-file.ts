import { Controller, Get, Param, Res, UseGuards } from '@nestjs/common';
import fastifyStatic from '@fastify/static';
import { isFastify, serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { knownFiles } from './known-files.js';
import { readSettings } from './settings.js';

/** The part of Express's response that is used. */
interface SendingResponse {
  sendFile(path: string, options: { root: string; headers: Record<string, string> }): void;
}

/** What `@fastify/static` makes of a reply. */
interface SendingReply {
  header(name: string, value: string): this;
  sendFile(path: string): unknown;
}

const settings = readSettings();
const find = knownFiles(settings);
const CACHE_CONTROL = 'private, no-cache';

@Controller('files')
@UseGuards(LoginGuard, StaffGuard)
class ExpressFilesController {
  @Get(':id')
  download(@Param('id') id: string, @Res() response: SendingResponse): void {
    const { key, contentType, disposition } = find(id);
    const headers = {
      'Content-Type': contentType,
      'Content-Disposition': disposition,
      'Cache-Control': CACHE_CONTROL,
    };
    response.sendFile(key, { root: settings.root, headers });
  }
}

@Controller('files')
@UseGuards(LoginGuard, StaffGuard)
class FastifyFilesController {
  @Get(':id')
  download(@Param('id') id: string, @Res() reply: SendingReply): void {
    const { key, contentType, disposition } = find(id);
    reply.header('Content-Type', contentType).header('Content-Disposition', disposition);
    reply.header('Cache-Control', CACHE_CONTROL).sendFile(key);
  }
}

const controller = settings.adapter === 'fastify' ? FastifyFilesController : ExpressFilesController;

await serve(
  settings.adapter,
  { controllers: [controller] },
  {
    prepare: async (app) => {
      if (!isFastify(app)) return;
      await app.register(fastifyStatic, { root: settings.root, serve: false, cacheControl: false });
    },
  },
);
