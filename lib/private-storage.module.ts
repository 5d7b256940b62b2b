import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  isDownloadController,
  routeDownloads,
  type StorageDownloadController,
} from './download/download.controller.js';
import { readOnly } from './download/read-only.js';
import { notSetUp } from './errors/not-set-up.js';
import { ConfigurationError } from './private-storage.errors.js';
import {
  ConfigurableModuleClass,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './private-storage.module-definition.js';
import type { StorageOptions } from './private-storage.options.js';
import { STORAGE_OPTIONS } from './private-storage.providers.js';

/**
 * Private files for a Nest app. Import it once, with `forRoot()` or `forRootAsync()`.
 *
 * @example
 * PrivateStorageModule.forRoot({
 *   storage: new LocalStorage({ root: '/srv/private-media' }),
 *   baseUrl: '/private-media',
 *   guards: [JwtAuthGuard, AllowStaff],
 * })
 */
@Module({})
export class PrivateStorageModule extends ConfigurableModuleClass implements NestModule {
  constructor(
    @Optional()
    @Inject(STORAGE_OPTIONS)
    private readonly options: ReadonlyMap<string, StorageOptions>,
    private readonly adapterHost: HttpAdapterHost,
    private readonly modules: ModulesContainer,
  ) {
    super();
    if ((options as unknown) === undefined) throw notSetUp();
    if (this.ownModules().length > 1) {
      throw new ConfigurationError(
        'PrivateStorageModule is set up twice; call forRoot() once, and name further storages in its `storages`.',
      );
    }
  }

  /** @throws ConfigurationError when the app starts and an option is wrong. */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return super.forRoot({
      ...options,
      storageNames: Object.keys((options as Partial<typeof options> | undefined)?.storages ?? {}),
    });
  }

  /**
   * As {@link forRoot}, with the options made by `useFactory`, `useClass` or `useExisting`.
   * The names of further storages are given beside the factory, as `storageNames`.
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  /** The last moment before Nest reads the routes. */
  configure(consumer: MiddlewareConsumer): void {
    const wildcard = this.adapterHost.httpAdapter.getType() === 'fastify' ? '*' : '*path';
    for (const controller of this.downloadControllers()) {
      const { baseUrl } = this.options.get(controller.storageName) ?? {};
      if (baseUrl !== undefined) {
        routeDownloads(controller, [`${baseUrl}/{*path}`]); // of middleware's paths Nest warns when they have a bare `*`
        consumer.apply(readOnly).forRoutes(controller);
      }
      routeDownloads(controller, baseUrl === undefined ? [] : [`${baseUrl}/${wildcard}`]);
    }
  }

  private downloadControllers(): StorageDownloadController[] {
    return this.ownModules()
      .flatMap(({ controllers }) => [...controllers.keys()])
      .filter(isDownloadController);
  }

  private ownModules() {
    return [...this.modules.values()].filter(({ metatype }) => metatype === PrivateStorageModule);
  }
}
