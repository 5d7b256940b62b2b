import type { Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ACCESS_OPTIONS, accessOptions, STORAGE_GUARDS } from './access/access-options.js';
import { AccessControl } from './access/access-control.js';
import { AllowAuthenticated, AllowStaff, AllowSuperuser } from './access/built-in.guards.js';
import { GuardResolver } from './access/guard-resolver.js';
import { MisplacedGuards } from './access/misplaced-guards.js';
import { Refusals } from './access/refusals.js';
import { Downloads } from './download/downloads.js';
import { ProbeDoor } from './download/probe-door.js';
import { WebServerCheck } from './download/web-server-check.js';
import { ExpressRequests } from './private-storage.express-requests.js';
import { PrivateStorageFilter } from './private-storage.filter.js';
import {
  storageOptionsOf,
  type PrivateStorageModuleOptions,
  type StorageOptions,
} from './private-storage.options.js';
import { RoutePrefix } from './private-storage.route-prefix.js';
import { PrivateStorageService } from './private-storage.service.js';
import { StagingSweeper } from './private-storage.sweeper.js';
import { FileServers, STORAGE_DELIVERY } from './servers/file-servers.js';
import type { FileStorage } from './storage/file-storage.js';
import { storageToken } from './storage/inject-storage.js';
import {
  DEFAULT_STORAGE,
  StorageRegistry,
  type StoragePlaceOptions,
} from './storage/storage-registry.js';
import { UPLOAD_OPTIONS, uploadOptions } from './upload/upload-options.js';
import { FastifyMultipart } from './upload/fastify-multipart.js';
import { UnreadBodies } from './upload/unread-bodies.js';

/** The injection token of the options as the app gave them. */
export const MODULE_OPTIONS = Symbol('nestjs-private-storage:options');

/** The injection token of the names of all storages but the default one. */
export const STORAGE_NAMES = Symbol('nestjs-private-storage:names');

/** The injection token of each storage's checked options, by name. */
export const STORAGE_OPTIONS = Symbol('nestjs-private-storage:storages');

type StorageOptionsByName = ReadonlyMap<string, StorageOptions>;

/** Each room's slice of the options, and the rooms' services. */
export const providers: Provider[] = [
  {
    provide: STORAGE_OPTIONS,
    inject: [MODULE_OPTIONS, STORAGE_NAMES],
    useFactory: storageOptionsOf,
  },
  {
    provide: ACCESS_OPTIONS,
    inject: [MODULE_OPTIONS, STORAGE_OPTIONS], // wrong options are reported there first
    useFactory: ({ access }: PrivateStorageModuleOptions) => accessOptions(access),
  },
  {
    provide: STORAGE_GUARDS,
    inject: [STORAGE_OPTIONS],
    useFactory: (all: StorageOptionsByName) =>
      new Map([...all].map(([name, { guards }]) => [name, guards])),
  },
  {
    provide: STORAGE_DELIVERY,
    inject: [STORAGE_OPTIONS],
    useFactory: (all: StorageOptionsByName) => all,
  },
  {
    provide: UPLOAD_OPTIONS,
    inject: [MODULE_OPTIONS, STORAGE_OPTIONS],
    useFactory: ({ uploads }: PrivateStorageModuleOptions) => uploadOptions(uploads),
  },
  { provide: APP_FILTER, useClass: PrivateStorageFilter },
  AllowAuthenticated,
  AllowStaff,
  AllowSuperuser,
  GuardResolver,
  Refusals,
  AccessControl,
  MisplacedGuards,
  FileServers,
  Downloads,
  ProbeDoor,
  RoutePrefix,
  WebServerCheck,
  ExpressRequests,
  FastifyMultipart,
  UnreadBodies,
  PrivateStorageService,
  StagingSweeper,
];

/** What other modules may inject. */
export const exported = [
  StorageRegistry,
  storageToken(),
  ACCESS_OPTIONS,
  UPLOAD_OPTIONS,
  GuardResolver,
  AccessControl,
  Downloads,
  PrivateStorageService,
  StagingSweeper,
  WebServerCheck,
];

/** Each storage under its token, and all of them by name; the latter from the former, so that a test can override one. */
export function storageProviders(names: readonly string[]): Provider[] {
  const all = [DEFAULT_STORAGE, ...names];
  return [
    ...all.map((name) => ({
      provide: storageToken(name),
      inject: [STORAGE_OPTIONS],
      useFactory: (options: StorageOptionsByName) => options.get(name)?.storage,
    })),
    {
      provide: StorageRegistry,
      inject: [STORAGE_OPTIONS, ...all.map(storageToken)],
      useFactory: (options: StorageOptionsByName, ...storages: FileStorage[]) => {
        const places = storages.map((storage, i): [string, StoragePlaceOptions] => {
          const name = String(all[i]);
          return [name, { baseUrl: options.get(name)?.baseUrl, storage }];
        });
        return new StorageRegistry(new Map(places));
      },
    },
  ];
}
