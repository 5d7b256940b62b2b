import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Controller, Get, Param, StreamableFile, UseGuards } from '@nestjs/common';
import { serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { knownFiles } from './known-files.js';
import { clientConfig, readS3Settings } from './s3-settings.js';
import { readSettings } from './settings.js';

const settings = readSettings();
const find = knownFiles(settings);
const s3 = readS3Settings();
const client = new S3Client(clientConfig(s3));

/** What people write today. */
@Controller('files')
@UseGuards(LoginGuard, StaffGuard)
class FilesController {
  @Get(':id')
  async download(@Param('id') id: string): Promise<StreamableFile> {
    const { key, contentType, disposition } = find(id);
    const { Body, ContentLength } = await client.send(
      new GetObjectCommand({ Bucket: s3.bucket, Key: key }),
    );
    return new StreamableFile(Body as Readable, {
      type: contentType,
      disposition,
      length: ContentLength,
    });
  }
}

await serve(settings.adapter, { controllers: [FilesController] });
