import { ConfigurationError } from '../private-storage.errors.js';
import type { FileStorage } from './file-storage.js';

/** The name of the storage that `PrivateStorageModule.forRoot({ storage })` sets up. */
export const DEFAULT_STORAGE = 'default';

/** Where a storage's files are, on disk and on the web. */
export interface StoragePlaceOptions {
  /** Where the bytes live. */
  readonly storage: FileStorage;
  /** The path below which the download controller serves the storage's files by key. Without it only entities' downloads do. */
  readonly baseUrl?: string;
}

/** The storages of one app, by name. */
export class StorageRegistry {
  constructor(private readonly places: ReadonlyMap<string, StoragePlaceOptions>) {}

  /** @throws ConfigurationError when no storage has that name. */
  get(name: string): FileStorage {
    return this.place(name).storage;
  }

  /** @throws ConfigurationError when no storage has that name. */
  baseUrl(name: string): string | undefined {
    return this.place(name).baseUrl;
  }

  all(): FileStorage[] {
    return [...this.places.values()].map(({ storage }) => storage);
  }

  private place(name: string): StoragePlaceOptions {
    const place = this.places.get(name);
    if (place) return place;
    const known = [...this.places.keys()].join(', ');
    throw new ConfigurationError(
      `There is no storage called "${name}"; PrivateStorageModule was given: ${known}.`,
    );
  }
}
