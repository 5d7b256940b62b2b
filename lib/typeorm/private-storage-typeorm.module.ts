import { Module, type DynamicModule, type OnModuleInit, type Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../private-storage.errors.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import { assertStorages, install } from './install.js';

/**
 * Lets TypeORM's `save()` and `remove()` look after the files of `@PrivateFileColumn()` and `@PrivateImageColumn()`.
 * Import it beside `TypeOrmModule.forRoot()` and `PrivateStorageModule.forRoot()`; without it a save that meets a
 * `StagedFile` fails.
 *
 * @throws ConfigurationError when the app starts and one of the two is missing, or an entity cannot be served.
 * @example
 * @Module({
 *   imports: [
 *     TypeOrmModule.forRoot({ ... }),
 *     PrivateStorageModule.forRoot({ ... }),
 *     PrivateStorageTypeOrmModule,
 *   ],
 * })
 */
@Module({ providers: [installation()] })
export class PrivateStorageTypeOrmModule {
  /** For a data source that was given a name; import one for each. */
  static forDataSource(name: string): DynamicModule {
    return { module: NamedDataSourceFiles, providers: [installation(name)] };
  }
}

@Module({ providers: [] }) // its own, or it would inherit those of the default data source
class NamedDataSourceFiles extends PrivateStorageTypeOrmModule {}

/** While providers are made, so that what other modules save as they start is served already. */
function installation(name?: string): Provider {
  return {
    provide: Symbol(`nestjs-private-storage:typeorm:${name ?? 'default'}`),
    inject: [{ token: getDataSourceToken(name), optional: true }, ModuleRef],
    useFactory: (dataSource: DataSource | undefined, moduleRef: ModuleRef): OnModuleInit => {
      if (!dataSource) {
        throw new ConfigurationError(
          `PrivateStorageTypeOrmModule found no ${name === undefined ? 'default data source' : `data source "${name}"`}; ` +
            'import TypeOrmModule.forRoot(), or write PrivateStorageTypeOrmModule.forDataSource(name) for one with a name.',
        );
      }
      install(dataSource, () => registryOf(moduleRef));
      return { onModuleInit: () => assertStorages(dataSource, registryOf(moduleRef)) };
    },
  };
}

function registryOf(moduleRef: ModuleRef): StorageRegistry {
  try {
    return moduleRef.get(StorageRegistry, { strict: false });
  } catch (error) {
    throw new ConfigurationError(
      'PrivateStorageTypeOrmModule needs PrivateStorageModule.forRoot() among the imports of the app.',
      {
        cause: error,
      },
    );
  }
}
