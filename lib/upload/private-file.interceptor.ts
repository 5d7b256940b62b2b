import {
  Inject,
  Injectable,
  mixin,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { AccessControl } from '../access/access-control.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import { receiveMultipart } from './multipart-upload.js';
import type { UploadContext } from './upload-context.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from './upload-options.js';
import { UploadReceiver } from './upload-receiver.js';
import {
  fieldsNamed,
  type EntityClass,
  type PropertyOf,
  type UploadTargets,
} from './upload-target.js';

/**
 * Receives the file of one field from a form, for `@UploadedFile(PrivateFilePipe)`. It is held against the field's rules
 * while it arrives; the form's text fields go to `@Body()`.
 *
 * @throws ConfigurationError when the property was not declared private
 * @example
 * @Post()
 * @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
 * create(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() dto: CreateDossierDto) {
 *   return this.dossiers.save(Object.assign(new Dossier(), dto, { file }));
 * }
 */
export function PrivateFileInterceptor<E extends object>(
  entity: EntityClass<E>,
  property: PropertyOf<E>,
): Type<NestInterceptor> {
  return interceptor(fieldsNamed(entity, [property]), async (upload) => {
    upload.request.file = (await receiveMultipart(upload))[property];
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
  return interceptor(fieldsNamed(entity, properties), async (upload) => {
    upload.request.files = await receiveMultipart(upload);
  });
}

function interceptor(
  fields: readonly PrivateFileField[],
  read: (upload: UploadContext) => Promise<void>,
): Type<NestInterceptor> {
  @Injectable()
  class FieldInterceptor implements NestInterceptor, OnModuleInit {
    private readonly receiver: UploadReceiver;
    private readonly targets: UploadTargets;

    constructor(
      storages: StorageRegistry,
      @Inject(UPLOAD_OPTIONS) options: ResolvedUploadOptions,
      access: AccessControl,
    ) {
      this.receiver = new UploadReceiver(storages, options, access);
      this.targets = this.receiver.targets(fields);
    }

    onModuleInit(): Promise<void> {
      return this.receiver.prepare(this.targets);
    }

    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const session = await this.receiver.receive(context, this.targets, read);
      return session.track(() => next.handle());
    }
  }
  return mixin(FieldInterceptor);
}
