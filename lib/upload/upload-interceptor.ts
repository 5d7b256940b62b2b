import {
  Inject,
  Injectable,
  mixin,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { AccessControl } from '../access/access-control.js';
import { notSetUp } from '../errors/not-set-up.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import type { UploadContext } from './upload-context.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from './upload-options.js';
import { UploadReceiver } from './upload-receiver.js';
import type { UploadTargets } from './upload-target.js';

/** An interceptor that has `read` receive the files of some fields. */
export function uploadInterceptor(
  fields: readonly PrivateFileField[],
  read: (upload: UploadContext) => Promise<void>,
): Type<NestInterceptor> {
  @Injectable()
  class UploadInterceptor implements NestInterceptor, OnModuleInit {
    private readonly receiver: UploadReceiver;
    private readonly targets: UploadTargets;

    constructor(
      @Optional() @Inject(StorageRegistry) storages: StorageRegistry | undefined,
      @Optional() @Inject(UPLOAD_OPTIONS) options: ResolvedUploadOptions | undefined,
      @Optional() @Inject(AccessControl) access: AccessControl | undefined,
    ) {
      if (!storages || !options || !access) throw notSetUp();
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
  return mixin(UploadInterceptor);
}
