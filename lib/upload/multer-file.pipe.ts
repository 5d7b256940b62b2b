import { Inject, Injectable, mixin, Scope, type PipeTransform, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { ConfigurationError } from '../private-storage.errors.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import { isMulterFile, takeMulterFile, type MulterFile } from './multer-file.js';
import { PrivateFilePipe } from './private-file.pipe.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from './upload-options.js';
import { UploadSession } from './upload-session.js';
import {
  fieldsNamed,
  targetNamed,
  uploadTargets,
  type EntityClass,
  type PropertyOf,
} from './upload-target.js';

/**
 * A {@link PrivateFilePipe} that also takes what Nest's `FileInterceptor` (multer, Express) leaves: it is held against the
 * field's rules and staged, and multer's own file is removed. For moving an app over step by step: multer has received
 * the file in full by then, so memory is not flat, and it makes the controller request-scoped. A handler that is still at
 * work when the client goes away finds its file discarded.
 *
 * @throws ConfigurationError when the property was not declared private, or has guards of its own
 * @example
 * @UseInterceptors(FileInterceptor('file'))
 * create(@UploadedFile(privateFilePipe(Dossier, 'file')) file: StagedFile) {}
 */
export function privateFilePipe<E extends object>(
  entity: EntityClass<E>,
  property: PropertyOf<E>,
  { required = true }: { readonly required?: boolean } = {},
): Type<PipeTransform> {
  const fields = fieldsNamed(entity, [property]);
  if (fields.some(({ guards }) => guards.length > 0)) {
    throw new ConfigurationError(
      `${entity.name}.${property} has guards, which are asked before a body is read, and multer reads it first; ` +
        'use PrivateFileInterceptor(Entity, field) for it.',
    );
  }
  const received = new PrivateFilePipe({ required: required && [property] });

  @Injectable({ scope: Scope.REQUEST })
  class MulterFilePipe implements PipeTransform {
    constructor(
      @Inject(REQUEST) private readonly request: unknown,
      @Inject(UPLOAD_OPTIONS) private readonly options: ResolvedUploadOptions,
      private readonly storages: StorageRegistry,
    ) {}

    async transform(value: unknown): Promise<unknown> {
      return isMulterFile(value) ? this.take(value) : received.transform(value ?? null);
    }

    private async take(value: MulterFile): Promise<unknown> {
      const { request, response } = exchangeOf(this.request);
      const target = targetNamed(uploadTargets(fields, this.storages, this.options), property);
      const session = new UploadSession();
      const file = await takeMulterFile(value, target, this.options.checksum);
      session.add(file);
      session.watch(request, response);
      return file;
    }
  }
  return mixin(MulterFilePipe);
}

/** Express leaves the response on the request; nothing else tells when an unclaimed file may go. */
function exchangeOf(request: unknown): { request: IncomingMessage; response: ServerResponse } {
  if (request instanceof IncomingMessage && 'res' in request)
    return { request, response: request.res as ServerResponse };
  throw new ConfigurationError(
    'privateFilePipe() takes over from multer on Express only; use PrivateFileInterceptor(Entity, field) here.',
  );
}
