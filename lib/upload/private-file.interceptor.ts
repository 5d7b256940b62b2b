import type { NestInterceptor, Type } from '@nestjs/common';
import { receiveMultipart } from './multipart-upload.js';
import { uploadInterceptor } from './upload-interceptor.js';
import {
  fieldsNamed,
  privateProperties,
  type EntityClass,
  type PropertyOf,
} from './upload-target.js';

/**
 * Receives the file of one field from a form, for `@UploadedFile(PrivateFilePipe)`. It is held against the field's rules
 * while it arrives; the form's text fields go to `@Body()`.
 *
 * @throws ConfigurationError when the property was not declared private
 * @example
 * @Post()
 * @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
 * async create(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() dto: CreateDossierDto) {
 *   const { id } = await this.dossiers.save(Object.assign(new Dossier(), dto, { file }));
 *   return { id };
 * }
 */
export function PrivateFileInterceptor<E extends object>(
  entity: EntityClass<E>,
  property: PropertyOf<E>,
): Type<NestInterceptor> {
  const properties = privateProperties(entity);
  return uploadInterceptor(fieldsNamed(entity, [property]), async (upload) => {
    upload.request.file = (await receiveMultipart(upload, properties))[property] ?? null;
  });
}

/**
 * As {@link PrivateFileInterceptor}, for several fields: `@UploadedFiles(PrivateFilePipe) files: Record<'contract' | 'scan', StagedFile>`.
 * When one file is refused, none is kept.
 */
export function PrivateFilesInterceptor<E extends object>(
  entity: EntityClass<E>,
  properties: readonly PropertyOf<E>[],
): Type<NestInterceptor> {
  const all = privateProperties(entity);
  return uploadInterceptor(fieldsNamed(entity, properties), async (upload) => {
    upload.request.files = await receiveMultipart(upload, all);
  });
}
