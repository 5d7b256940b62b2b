import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ConfigurationError } from '../private-storage.errors.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import {
  assertDeliveryOptions,
  DEFAULT_CACHE_CONTROL,
  SAFE_INLINE_TYPES,
  type DeliveryOptions,
  type FileServerName,
} from './delivery-options.js';
import { ApacheServer } from './apache-server.js';
import { CaddyServer } from './caddy-server.js';
import { FileServer } from './file-server.js';
import { assertApart, InternalUrls } from './internal-urls.js';
import { LighttpdServer } from './lighttpd-server.js';
import { NginxServer } from './nginx-server.js';
import { RedirectServer } from './redirect-server.js';
import { StreamServer } from './stream-server.js';

/** The injection token of each storage's {@link DeliveryOptions}, by the storage's name. */
export const STORAGE_DELIVERY = Symbol('nestjs-private-storage:delivery');

export type StorageDelivery = ReadonlyMap<string, DeliveryOptions>;

const NAMED: Record<FileServerName, Type<FileServer>> = {
  stream: StreamServer,
  nginx: NginxServer,
  apache: ApacheServer,
  lighttpd: LighttpdServer,
  caddy: CaddyServer,
  redirect: RedirectServer,
};

/** How a file is to leave, with nothing left open. */
export interface Delivery {
  readonly server: FileServer;
  readonly inlineTypes: readonly string[];
  readonly cacheControl: string;
}

/** The file servers of one app. */
@Injectable()
export class FileServers implements OnModuleInit {
  private readonly made = new Map<Type<FileServer>, Promise<FileServer>>();
  private readonly byStorage = new Map<string, Delivery>();
  private readonly internalUrls = new InternalUrls();

  constructor(
    @Inject(STORAGE_DELIVERY) private readonly options: StorageDelivery,
    private readonly storages: StorageRegistry,
    private readonly moduleRef: ModuleRef,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const name of this.options.keys()) {
      this.byStorage.set(name, await this.checked(name, {}));
    }
  }

  get storageNames(): string[] {
    return [...this.options.keys()];
  }

  /** How the files of a storage leave; known once the app has started. @throws ConfigurationError */
  deliveryOf(storageName: string): Delivery {
    this.storages.get(storageName);
    const delivery = this.byStorage.get(storageName);
    if (!delivery)
      throw new ConfigurationError('Nothing can be served before the app has started.');
    return delivery;
  }

  /**
   * How the files of a storage leave, with a controller's own `wishes` put before the storage's.
   *
   * @throws ConfigurationError when the server cannot be made or cannot serve the storage, or the file would become public.
   */
  async checked(storageName: string, wishes: DeliveryOptions): Promise<Delivery> {
    const where = `The storage "${storageName}"`;
    const options = { ...definedOf(this.options.get(storageName) ?? {}), ...definedOf(wishes) };
    assertDeliveryOptions(options, where);
    const storage = this.storages.get(storageName);
    const {
      server = storage.delivery,
      inlineTypes = SAFE_INLINE_TYPES,
      cacheControl = DEFAULT_CACHE_CONTROL,
    } = options;
    const instance = await this.serverOf(server, where);
    instance.assertCanServe(storage, storageName);
    this.claimUrl(instance.internalUrl(storageName), storageName);
    return { server: instance, inlineTypes, cacheControl };
  }

  private claimUrl(url: string | undefined, storageName: string): void {
    if (url === undefined) return;
    for (const name of this.options.keys()) {
      assertApart(url, this.storages.baseUrl(name));
    }
    this.internalUrls.claim(url, storageName, this.storages.get(storageName));
  }

  private async serverOf(
    server: NonNullable<DeliveryOptions['server']>,
    where: string,
  ): Promise<FileServer> {
    if (server instanceof FileServer) return server;
    const type = typeof server === 'string' ? NAMED[server] : server;
    if (typeof type !== 'function' || !(type.prototype instanceof FileServer)) {
      const names = Object.keys(NAMED).join(', ');
      throw new ConfigurationError(
        `${where}: server is an instance or class of FileServer, or one of ${names}; not ${String(server)}.`,
      );
    }
    const made = this.made.get(type) ?? this.make(type, where);
    this.made.set(type, made);
    return made;
  }

  /** The app's own instance, where it has one. */
  private async make(type: Type<FileServer>, where: string): Promise<FileServer> {
    try {
      const own: FileServer = this.moduleRef.get(type, { strict: false });
      return own;
    } catch {
      // The app has none: it is made here.
    }
    try {
      return await this.moduleRef.create(type);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError(
        `${where}: the server ${type.name} cannot be made: ${reason} Give an instance instead: server: new ${type.name}(...).`,
        { cause },
      );
    }
  }
}

function definedOf(options: DeliveryOptions): DeliveryOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
