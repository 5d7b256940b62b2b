import {
  Injectable,
  Logger,
  mixin,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { mergeMap, type Observable } from 'rxjs';
import { stackOf } from '../../errors/stack-of.js';
import type { StagedFile } from '../../file/staged-file.js';
import { assertNoFile } from '../../upload/parsed-body.js';
import type { UploadContext } from '../../upload/upload-context.js';
import {
  privateProperties,
  type EntityClass,
  type PropertyOf,
} from '../../upload/upload-target.js';
import { forget, takeArrived } from './arrived-upload.js';
import { parseClaim } from './claim.js';
import { DirectUploads, type DirectUploadField } from './direct-uploads.js';

interface Claimed {
  readonly claim: string;
  readonly file: StagedFile;
}

/**
 * Takes the claim of a direct upload from the body's property of the field's name, holds what S3 has received against
 * the field's rules, and hands it to `@UploadedFile(PrivateFilePipe)` like any other upload. What breaks a rule is
 * removed from S3. When the handler fails, or commits nothing, the same claim can be handed in again.
 *
 * @throws ConfigurationError when the property was not declared private
 * @example
 * @Post()
 * @UseInterceptors(DirectUploadInterceptor(Dossier, 'file'))
 * create(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() dto: CreateDossierDto) {} // of { "title": "May", "file": claim }
 */
export function DirectUploadInterceptor<E extends object>(
  entity: EntityClass<E>,
  property: PropertyOf<E>,
): Type<NestInterceptor> {
  const properties = privateProperties(entity);

  @Injectable()
  class ClaimInterceptor implements NestInterceptor, OnModuleInit {
    private readonly logger = new Logger(DirectUploads.name);
    private uploads: DirectUploads;
    private uploadField: DirectUploadField;

    constructor(private readonly modules: ModuleRef) {}

    async onModuleInit(): Promise<void> {
      this.uploads = await this.modules.create(DirectUploads);
      this.uploadField = await this.uploads.fieldOf(entity, property);
    }

    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      let claimed: Claimed | undefined;
      const { receiver } = this.uploads;
      const session = await receiver.receive(context, this.uploadField.targets, async (upload) => {
        claimed = await this.take(context, upload);
      });
      return session.track(() =>
        next.handle().pipe(mergeMap((answer) => this.spend(claimed, answer))),
      );
    }

    private async take(
      context: ExecutionContext,
      { request, session }: UploadContext,
    ): Promise<Claimed | undefined> {
      request.file = null;
      const value = taken(request.body, property);
      assertNoFile(request.body, properties);
      if (value === undefined || value === null) return undefined;
      const { storage, target } = this.uploadField;
      const owner = await this.uploads.ownerOf(context, this.uploadField);
      const claim = parseClaim(value);
      const file = await takeArrived(storage, claim, owner, target);
      session.add(file);
      request.file = file;
      return { claim, file };
    }

    /** Before the answer leaves: whoever has it can be sure that the claim is spent. */
    private async spend(claimed: Claimed | undefined, answer: unknown): Promise<unknown> {
      if (!claimed?.file.isCommitted) return answer;
      await forget(this.uploadField.storage, claimed.claim).catch((error: unknown) => {
        this.logger.error('A direct upload is left to be swept.', stackOf(error));
      });
      return answer;
    }
  }
  return mixin(ClaimInterceptor);
}

/** The property of a body, which is taken off: it is none of the handler's DTO. */
function taken(body: unknown, property: string): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, property)) return undefined;
  const value: unknown = Reflect.get(body, property);
  Reflect.deleteProperty(body, property);
  return value;
}
