import {
  Body,
  Controller,
  Module,
  Post,
  UploadedFile,
  UploadedFiles,
  UseInterceptors,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrivateFile, PrivateImage } from '../../lib/entity/private-file.decorator.js';
import { StagedFile } from '../../lib/file/staged-file.js';
import type { StoredFile } from '../../lib/file/stored-file.js';
import { PrivateStorageModule } from '../../lib/private-storage.module.js';
import type { FileStorage } from '../../lib/storage/file-storage.js';
import {
  PrivateFileInterceptor,
  PrivateFilesInterceptor,
} from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import type { UploadOptions } from '../../lib/upload/upload-options.js';

export const ADAPTERS = ['express', 'fastify'] as const;
type Adapter = (typeof ADAPTERS)[number];

export class Dossier {
  @PrivateFile({ maxFileSize: '100kb' })
  file: StoredFile | null;

  @PrivateFile({ contentTypes: ['application/pdf'], maxFileSize: '1kb' })
  contract: StoredFile | null;

  @PrivateFile({ maxFileSize: '8gb' })
  archive: StoredFile | null;

  @PrivateImage({ maxWidth: 100 })
  scan: StoredFile | null;
}

/** What a handler was given, as an answer. */
function seen(file: StagedFile | undefined) {
  if (!file) return null;
  const { name, size, contentType, checksum, width, height } = file;
  return { name, size, contentType, checksum, width, height };
}

@Controller()
class DossierController {
  @Post('file')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async file(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() body: unknown) {
    const { key } = await file.commit(`dossiers/${file.name}`);
    return { ...seen(file), key, body };
  }

  @Post('optional')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  optional(
    @UploadedFile(new PrivateFilePipe({ required: false })) file: StagedFile | undefined,
    @Body() body: unknown,
  ) {
    return { file: seen(file), body };
  }

  @Post('throws')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  throws() {
    throw new Error('The handler failed.');
  }

  @Post('contract')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'contract'))
  contract(@UploadedFile(PrivateFilePipe) file: StagedFile) {
    return seen(file);
  }

  @Post('archive')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'archive'))
  async archive(@UploadedFile(PrivateFilePipe) file: StagedFile) {
    await file.commit('archive');
    return seen(file);
  }

  @Post('several')
  @UseInterceptors(PrivateFilesInterceptor(Dossier, ['contract', 'scan']))
  several(
    @UploadedFiles(new PrivateFilePipe({ required: ['contract'] }))
    files: Record<string, StagedFile>,
    @Body() body: unknown,
  ) {
    return { contract: seen(files.contract), scan: seen(files.scan), body };
  }
}

export interface UploadApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** A real app on a free port, with the routes above or others; `prepare` is called before it listens. */
export async function startUploads(
  adapter: Adapter,
  storage: FileStorage,
  uploads: UploadOptions = {},
  controllers: Type[] = [DossierController],
  prepare?: (app: INestApplication) => unknown,
): Promise<UploadApp> {
  @Module({ imports: [PrivateStorageModule.forRoot({ storage, uploads })], controllers })
  class TestModule {}
  const platform = adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(TestModule, platform, {
    logger: false,
    abortOnError: false,
  });
  await prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}` };
}

/** Closes an app without waiting for clients that it still listens to. */
export async function closeAtOnce({ app }: UploadApp): Promise<void> {
  (app.getHttpServer() as Server).closeAllConnections();
  await app.close();
}

/** Comes back once `holds` does, however long the other end of a connection takes to notice something. */
export async function eventually(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`It never came true: ${String(holds)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A form as a browser makes it; files are `[bytes, name]`. */
export function form(
  parts: [name: string, value: string | [bytes: Uint8Array | string, fileName: string]][],
): FormData {
  const body = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, new Blob([value[0]]), value[1]);
  }
  return body;
}
