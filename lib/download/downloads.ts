import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AccessControl, type FileRule } from '../access/access-control.js';
import { matchesContentType } from '../file/content-types.js';
import type { RequestedFile, RequestUser } from '../file/requested-file.js';
import type { StoredFile } from '../file/stored-file.js';
import { parseKey } from '../storage/keys.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import type { DeliveryOptions } from '../servers/delivery-options.js';
import type { Disposition } from '../servers/file-headers.js';
import { ServedFile } from '../servers/file-server.js';
import { FileServers, type Delivery } from '../servers/file-servers.js';
import { HttpExchange } from '../servers/http-exchange.js';

/** What is asked for, as a controller found it. */
export interface Wanted<P> {
  readonly storageName: string;
  readonly key: string;
  readonly parent: P;
  readonly stored?: StoredFile;
}

/** What a controller decides itself, in the place of the storage's options. */
export interface Wishes<P, U = RequestUser> {
  readonly rule?: FileRule<P, U>;
  readonly delivery?: Delivery;
  readonly disposition?: (file: RequestedFile<P, U>, byStorage: Disposition) => Disposition;
  readonly fileName?: (file: RequestedFile<P, U>) => string;
}

/** The way down, the same for every controller: the guards first, and only then anything that touches the storage. */
@Injectable()
export class Downloads {
  constructor(
    private readonly access: AccessControl,
    private readonly storages: StorageRegistry,
    private readonly servers: FileServers,
  ) {}

  /** Finds out who asks. */
  authenticate(context: ExecutionContext, storageName: string): Promise<void> {
    return this.access.authenticate(context, storageName);
  }

  /**
   * How files of a storage leave, with what a controller decides itself.
   *
   * @throws ConfigurationError when the storage is unknown, or cannot be served in that way.
   */
  checkedDelivery(storageName: string, wishes: DeliveryOptions): Promise<Delivery> {
    return this.servers.checked(storageName, wishes);
  }

  /** @throws InvalidKeyError, NotAuthenticatedError, AccessDeniedError, FileNotFoundError, StorageFailedError */
  async send<P, U = RequestUser>(
    context: ExecutionContext,
    wanted: Wanted<P>,
    wishes: Wishes<P, U> = {},
  ): Promise<void> {
    const { storageName, parent, stored } = wanted;
    const file = this.access.requestedFile<P, U>(context, {
      storageName,
      storage: this.storages.get(storageName),
      key: parseKey(wanted.key),
      action: 'download',
      parent,
      stored,
    });
    await this.access.authorize(context, file, wishes.rule);

    await this.deliver(context, file, wishes);
  }

  /** Sends a file that nobody has to be asked about any more. @throws FileNotFoundError, StorageFailedError */
  deliver<P, U>(
    context: ExecutionContext,
    file: RequestedFile<P, U>,
    wishes: Wishes<P, U> = {},
  ): Promise<void> {
    const delivery = wishes.delivery ?? this.servers.deliveryOf(file.storageName);
    const served = this.servedFile(file, delivery, wishes);
    return delivery.server.serve(served, new HttpExchange(context));
  }

  /** What every server is told of a file. */
  servedFile<P, U>(
    file: RequestedFile<P, U>,
    { inlineTypes, cacheControl }: Delivery,
    wishes: Wishes<P, U> = {},
  ): ServedFile {
    const byStorage = matchesContentType(file.contentType, inlineTypes) ? 'inline' : 'attachment';
    return new ServedFile(file as RequestedFile, {
      contentType: file.contentType,
      disposition: wishes.disposition?.(file, byStorage) ?? byStorage,
      fileName: wishes.fileName?.(file) ?? file.name,
      cacheControl,
    });
  }
}
