import { ConfigurableModuleBuilder, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { createDownloadController } from './download/download.controller.js';
import { ProbeController } from './download/probe.controller.js';
import type { PrivateStorageModuleOptions } from './private-storage.options.js';
import {
  exported,
  MODULE_OPTIONS,
  providers,
  STORAGE_NAMES,
  storageProviders,
} from './private-storage.providers.js';
import { storageToken } from './storage/inject-storage.js';
import { DEFAULT_STORAGE } from './storage/storage-registry.js';

/** What Nest has to know before an asynchronous factory has run. */
export interface PrivateStorageModuleExtras {
  /** The names in `storages`. Only `forRootAsync()` needs them: `forRoot()` reads them from the options. */
  readonly storageNames?: readonly string[];
  /** Modules that export what the guards need. */
  readonly imports?: ModuleMetadata['imports'];
  /** Whether every module of the app may inject what this one exports (default true). */
  readonly isGlobal?: boolean;
}

const EXTRAS: Required<PrivateStorageModuleExtras> = {
  storageNames: [],
  imports: [],
  isGlobal: true,
};

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<PrivateStorageModuleOptions>({
    optionsInjectionToken: MODULE_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setExtras<PrivateStorageModuleExtras>(EXTRAS, withStorages)
    .build();

/** Each storage has a controller and a token of its own. */
function withStorages(
  definition: DynamicModule,
  extras: PrivateStorageModuleExtras,
): DynamicModule {
  const { storageNames: names = [], imports, isGlobal } = extras;
  return {
    ...definition,
    global: isGlobal,
    imports: definition.imports ?? imports,
    controllers: [ProbeController, ...[DEFAULT_STORAGE, ...names].map(createDownloadController)],
    providers: [
      ...providers,
      ...(definition.providers ?? []),
      { provide: STORAGE_NAMES, useValue: names },
      ...storageProviders(names),
    ],
    exports: [...exported, ...names.map(storageToken)],
  };
}
