import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Controller, Get, Param, StreamableFile, UseGuards } from '@nestjs/common';
import { serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { knownFiles } from './known-files.js';
import { readSettings } from './settings.js';

const settings = readSettings();
const find = knownFiles(settings);

/** What the Nest documentation teaches. */
@Controller('files')
@UseGuards(LoginGuard, StaffGuard)
class FilesController {
  @Get(':id')
  async download(@Param('id') id: string): Promise<StreamableFile> {
    const { path, contentType, disposition } = find(id);
    const { size } = await stat(path);
    return new StreamableFile(createReadStream(path), {
      type: contentType,
      disposition,
      length: size,
    });
  }
}

await serve(settings.adapter, { controllers: [FilesController] });
