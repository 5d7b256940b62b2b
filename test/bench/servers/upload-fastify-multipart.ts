import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BadRequestException, Controller, Post, Req, UseGuards } from '@nestjs/common';
import multipart, { type MultipartFile } from '@fastify/multipart';
import { isFastify, serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { readSettings } from './settings.js';

const { adapter, root } = readSettings();
const folder = join(root, 'dossiers');
mkdirSync(folder, { recursive: true });

interface MultipartRequest {
  file(): Promise<MultipartFile | undefined>;
}

/** What the plugin's documentation teaches. */
@Controller('dossiers')
@UseGuards(LoginGuard, StaffGuard)
class DossierController {
  @Post()
  async create(@Req() request: MultipartRequest) {
    const part = await request.file();
    if (!part) throw new BadRequestException();
    const target = createWriteStream(join(folder, randomUUID()));
    await pipeline(part.file, target);
    const { title } = part.fields as { title?: { value: string } };
    return { title: title?.value, size: target.bytesWritten };
  }
}

await serve(
  adapter,
  { controllers: [DossierController] },
  {
    prepare: async (app) => {
      if (isFastify(app)) await app.register(multipart, { limits: { fileSize: 2 ** 31 } });
    },
  },
);
