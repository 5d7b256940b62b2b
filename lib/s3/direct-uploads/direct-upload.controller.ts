import { Body, Inject, Post, Req, Res, type OnModuleInit, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { handlerContext } from '../../download/handler-context.js';
import { ConfigurationError } from '../../private-storage.errors.js';
import { DirectUploads, type DirectUploadField } from './direct-uploads.js';
import { uploadForm, type DirectUpload } from './upload-form.js';
import { uploadWish } from './upload-wish.js';

const SWEPT_SECONDS = 24 * 60 * 60;

/**
 * Hands out forms by which browsers send files straight to S3, for one field. Extend it and put
 * `@Controller('dossiers/direct-uploads')` on the class. The client POSTs a {@link DirectUploadRequest}, sends the file
 * to S3 by the form it gets, and hands the `claim` to a handler that has a `DirectUploadInterceptor`.
 *
 * The app's Nest guards run first, then the storage's ordinary guards, then those of the field or, where it has none,
 * the storage's guards that extend `PrivateFileGuard`, with `action: 'upload'`.
 *
 * The bucket's CORS rules have to allow `POST` from the app's origin. S3 takes 5 GiB at most in this way.
 *
 * @example
 * @Controller('dossiers/direct-uploads')
 * @UseGuards(JwtAuthGuard)
 * class DossierUploads extends DirectUploadController<Dossier> {
 *   protected readonly entity = Dossier;
 *   protected readonly field = 'file';
 * }
 */
export abstract class DirectUploadController<E extends object> implements OnModuleInit {
  /** The entity's class. */
  protected abstract readonly entity: Type<E>;
  /** The private field that the files are for; its storage is an `S3Storage`. */
  protected abstract readonly field: Extract<keyof E, string>;
  /** Seconds within which the file has to be sent and the claim handed in (default 3600, at most 86,400: then it is swept). */
  protected readonly expires: number = 3600;

  @Inject(ModuleRef)
  private readonly directUploadModules: ModuleRef;
  #uploads: DirectUploads;
  #uploadField: DirectUploadField;

  /** @throws ConfigurationError when the field cannot have direct uploads, or `expires` is wrong. */
  async onModuleInit(): Promise<void> {
    const { expires } = this;
    if (!Number.isSafeInteger(expires) || expires < 1 || expires > SWEPT_SECONDS) {
      throw new ConfigurationError(
        `${this.constructor.name}: expires is a whole number of seconds from 1 to ${SWEPT_SECONDS}, not ${expires}.`,
      );
    }
    this.#uploads = await this.directUploadModules.create(DirectUploads);
    this.#uploadField = await this.#uploads.fieldOf(this.entity, this.field);
  }

  @Post()
  async create(
    @Req() request: object,
    @Res({ passthrough: true }) response: object,
    @Body() body: unknown,
  ): Promise<DirectUpload> {
    const { storage, target } = this.#uploadField;
    const context = handlerContext(this, 'create', [request, response]);
    const owner = await this.#uploads.authorize(context, this.#uploadField);
    const wish = uploadWish(body, target);
    const { maxFileSize } = target;
    return uploadForm(storage, wish, { owner, maxFileSize, expires: this.expires });
  }
}
