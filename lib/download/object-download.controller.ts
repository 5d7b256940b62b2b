import {
  Get,
  Inject,
  Req,
  Res,
  type ExecutionContext,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { fieldOf } from '../entity/private-file.decorator.js';
import { fileOf } from '../entity/entity-files.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import type { RequestedFile, RequestUser } from '../file/requested-file.js';
import { isStoredFile } from '../file/stored-file.js';
import {
  ConfigurationError,
  FileNotFoundError,
  InvalidKeyError,
} from '../private-storage.errors.js';
import type { DeliveryOptions } from '../servers/delivery-options.js';
import type { Disposition } from '../servers/file-headers.js';
import { Downloads, type Wishes } from './downloads.js';
import { handlerContext } from './handler-context.js';

/** What is the same for every request. */
interface Prepared<E, U> {
  readonly field: PrivateFileField;
  readonly storageName: string;
  readonly wishes: Wishes<E, U>;
}

/**
 * Serves the file of an entity that the app finds. Extend it, put `@Controller('dossiers/:id/file')` on the class, and
 * say which entity and field it is about.
 *
 * The app's Nest guards run first, then the storage's ordinary guards, then {@link findObject}, then `canAccessFile()`
 * or, without it, the storage's guards that extend `PrivateFileGuard`. Override methods, never `download()` itself.
 */
export abstract class ObjectDownloadController<
  E extends object,
  U = RequestUser,
> implements OnModuleInit {
  /** The entity's class. */
  protected abstract readonly entity: Type<E>;
  /** The private field that holds the file. */
  protected abstract readonly field: Extract<keyof E, string>;

  /** The name of the storage that the files are in (default: the field's). */
  protected readonly storage?: string;
  /** How the bytes leave (default: as the storage's do). */
  protected readonly server?: DeliveryOptions['server'];
  /** Media types to show in place (default: the storage's). See `DeliveryOptions.inlineTypes` for the danger. */
  protected readonly inlineTypes?: DeliveryOptions['inlineTypes'];

  @Inject(Downloads)
  private readonly fileDownloads: Downloads;
  #prepared?: Prepared<E, U>; // names of subclasses' own are left to them

  /** Finds the entity that the request is about, and only if this user may know of it; null is answered with 404. */
  protected abstract findObject(
    request: unknown,
  ): E | null | undefined | Promise<E | null | undefined>;

  /** Whether `file.user` may have the file of `file.parent`; without it the storage's `PrivateFileGuard`s decide. */
  protected canAccessFile?(file: RequestedFile<E, U>): boolean | Promise<boolean>;

  /** Whether a browser shows the file or saves it (default: shows what {@link inlineTypes} allows). */
  protected contentDisposition(_file: RequestedFile<E, U>, byStorage: Disposition): Disposition {
    return byStorage;
  }

  /** The name that the browser saves the file under (default: the name it was uploaded with). */
  protected fileName(file: RequestedFile<E, U>): string {
    return file.name;
  }

  /** What is thrown when there is no entity, it has no file, the file is gone, or a refusal is to look like that. */
  protected fileNotFound(): Error {
    return new FileNotFoundError();
  }

  /** @throws ConfigurationError when the class says something that cannot be served. */
  async onModuleInit(): Promise<void> {
    this.#prepared = await this.#prepare();
  }

  @Get()
  async download(@Req() request: object, @Res() response: object): Promise<void> {
    try {
      await this.#find(request, handlerContext(this, 'download', [request, response]));
    } catch (error) {
      const isNoFile = error instanceof FileNotFoundError || error instanceof InvalidKeyError;
      throw isNoFile ? this.fileNotFound() : error;
    }
  }

  async #find(request: object, context: ExecutionContext): Promise<void> {
    const { field, storageName, wishes } = (this.#prepared ??= await this.#prepare());
    await this.fileDownloads.authenticate(context, storageName);

    const parent = await this.findObject(request);
    const stored = parent ? fileOf(parent, field) : undefined;
    if (!parent || !isStoredFile(stored)) throw new FileNotFoundError();
    if (stored.storage !== storageName) throw elsewhere(stored.storage, storageName);

    const wanted = { storageName, key: stored.key, parent, stored };
    await this.fileDownloads.send(context, wanted, wishes);
  }

  async #prepare(): Promise<Prepared<E, U>> {
    const { entity, server, inlineTypes } = this;
    const field = fieldOf(entity, this.field);
    const storageName = this.storage ?? field.storage;
    const delivery = await this.fileDownloads.checkedDelivery(storageName, { server, inlineTypes });
    const wishes: Wishes<E, U> = {
      rule: this.canAccessFile?.bind(this),
      delivery,
      disposition: (file, byStorage) => this.contentDisposition(file, byStorage),
      fileName: (file) => this.fileName(file),
    };
    return { field, storageName, wishes };
  }
}

/** A key means nothing in another storage, and that one's guards were not asked. */
function elsewhere(actual: string, expected: string): ConfigurationError {
  return new ConfigurationError(
    `The file lies in the storage "${actual}", but its field is declared for "${expected}"; move the file, or set the controller's \`storage\`.`,
  );
}
