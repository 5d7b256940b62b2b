import {
  Inject,
  Injectable,
  mixin,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { AccessControl } from '../access/access-control.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import { leaveBodiesUnread } from './fastify-bodies.js';
import { receiveRawBody } from './raw-upload.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from './upload-options.js';
import { UploadReceiver } from './upload-receiver.js';
import {
  fieldsNamed,
  targetNamed,
  type EntityClass,
  type PropertyOf,
  type UploadTargets,
} from './upload-target.js';

/**
 * Receives a file that is the request's whole body, under the same rules as {@link PrivateFileInterceptor}; its name is
 * read from `Content-Disposition`. Bodies of a type that the app parses itself (JSON, and with Fastify plain text) have to
 * be sent as `application/octet-stream`: the type is read from the bytes anyway. On Fastify the app then takes bodies of
 * any type on all routes, and leaves them unread.
 *
 * @throws ConfigurationError when the property was not declared private
 * @example
 * @Put(':id/file')
 * @UseInterceptors(PrivateFileBodyInterceptor(Dossier, 'file'))
 * replace(@Param('id') id: string, @UploadedFile(PrivateFilePipe) file: StagedFile) {}
 */
export function PrivateFileBodyInterceptor<E extends object>(
  entity: EntityClass<E>,
  property: PropertyOf<E>,
): Type<NestInterceptor> {
  const fields = fieldsNamed(entity, [property]);

  @Injectable()
  class BodyInterceptor implements NestInterceptor, OnModuleInit, OnApplicationBootstrap {
    private readonly receiver: UploadReceiver;
    private readonly targets: UploadTargets;

    constructor(
      private readonly host: HttpAdapterHost,
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

    onApplicationBootstrap(): void {
      leaveBodiesUnread(this.host, '*');
    }

    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const session = await this.receiver.receive(context, this.targets, async (upload) => {
        upload.request.file = await receiveRawBody(upload, targetNamed(this.targets, property));
      });
      return session.track(() => next.handle());
    }
  }
  return mixin(BodyInterceptor);
}
