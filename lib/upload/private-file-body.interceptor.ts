import {
  Inject,
  Injectable,
  mixin,
  type NestInterceptor,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { leaveBodiesUnread } from './fastify-bodies.js';
import { receiveRawBody } from './raw-upload.js';
import { uploadInterceptor } from './upload-interceptor.js';
import { fieldsNamed, targetNamed, type EntityClass, type PropertyOf } from './upload-target.js';

/**
 * Receives a file that is the request's whole body, under the same rules as {@link PrivateFileInterceptor}; its name is
 * read from `Content-Disposition`. A body with a `Content-Encoding` is refused. Bodies of a type that the app parses
 * itself (JSON, and with Fastify plain text) have to be sent as `application/octet-stream`: the type is read from the
 * bytes anyway. On Fastify the app then takes bodies of any type on all routes, and leaves them unread.
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
  const Receiving = uploadInterceptor(fieldsNamed(entity, [property]), async (upload) => {
    const target = targetNamed(upload.targets, property);
    upload.request.file = (await receiveRawBody(upload, target)) ?? null;
  });

  @Injectable()
  class BodyInterceptor extends Receiving implements OnApplicationBootstrap {
    @Inject(HttpAdapterHost)
    private readonly host: HttpAdapterHost;

    onApplicationBootstrap(): void {
      leaveBodiesUnread(this.host, '*');
    }
  }
  return mixin(BodyInterceptor);
}
