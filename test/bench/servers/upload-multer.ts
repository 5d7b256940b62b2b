import { join } from 'node:path';
import { Body, Controller, Post, UploadedFile, UseGuards, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { readSettings } from './settings.js';

const { adapter, root } = readSettings();
const dest = join(root, 'dossiers'); // makes multer use its disk storage

/** What the Nest documentation teaches. */
@Controller('dossiers')
@UseGuards(LoginGuard, StaffGuard)
class DossierController {
  @Post()
  @UseInterceptors(FileInterceptor('file', { dest, limits: { fileSize: 2 ** 31 } }))
  create(@UploadedFile() file: { size: number }, @Body() body: { title: string }) {
    return { title: body.title, size: file.size };
  }
}

await serve(adapter, { controllers: [DossierController] });
