import {
  DEFAULT_ACCESS,
  type AccessOptions,
  type StorageAccessOptions,
} from './access/access-options.js';
import { AllowSuperuser } from './access/built-in.guards.js';
import { assertKnown } from './entity/option-checks.js';
import { ConfigurationError } from './private-storage.errors.js';
import type { DeliveryOptions } from './servers/delivery-options.js';
import { FileStorage } from './storage/file-storage.js';
import { DEFAULT_STORAGE, type StoragePlaceOptions } from './storage/storage-registry.js';
import type { UploadOptions } from './upload/upload-options.js';

/** A storage with all that is its own: its place, its path, its guards, its way out. */
export interface StorageOptions
  extends StoragePlaceOptions, StorageAccessOptions, DeliveryOptions {}

/** The options of `PrivateStorageModule.forRoot()`; those of the default storage stand at the top. */
export interface PrivateStorageModuleOptions extends StorageOptions {
  /** More storages, by name. */
  readonly storages?: Readonly<Record<string, StorageOptions>>;
  /** How users are seen, and refusals told. */
  readonly access?: AccessOptions;
  /** Limits of what may be sent. */
  readonly uploads?: UploadOptions;
}

const STORAGE_OPTION_NAMES: readonly (keyof StorageOptions)[] = [
  'storage',
  'baseUrl',
  'guards',
  'server',
  'inlineTypes',
  'cacheControl',
];
const MODULE_OPTION_NAMES: readonly string[] = [
  ...STORAGE_OPTION_NAMES,
  'storages',
  'access',
  'uploads',
];
const ACCESS_OPTION_NAMES = Object.keys(DEFAULT_ACCESS);
/** No segment of dots: clients resolve those. No other character than RFC 3986 leaves alone: routers differ on them. */
const BASE_URL = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/;

/**
 * Every storage's options by name, checked.
 *
 * @throws ConfigurationError with what to write instead.
 */
export function storageOptionsOf(
  options: PrivateStorageModuleOptions | undefined,
  names: readonly string[],
): Map<string, StorageOptions> {
  if (!options) {
    throw new ConfigurationError(
      'PrivateStorageModule got no options; give at least { storage: new LocalStorage({ root }) }.',
    );
  }
  assertKnown(options, MODULE_OPTION_NAMES, 'PrivateStorageModule');
  const { storages = {}, access = {}, uploads: _uploads, ...rest } = options;
  assertKnown(access, ACCESS_OPTION_NAMES, 'access');
  assertNames(storages, names);
  const all = new Map<string, StorageOptions>([
    [DEFAULT_STORAGE, checked(rest, 'PrivateStorageModule')],
  ]);
  for (const [name, storage] of Object.entries(storages)) {
    assertKnown(storage, STORAGE_OPTION_NAMES, `storages.${name}`);
    all.set(name, checked(storage, `storages.${name}`));
  }
  assertSeparateUrls(all);
  return all;
}

function checked(options: StorageOptions, where: string): StorageOptions {
  const { storage, baseUrl, guards = [AllowSuperuser] } = options;
  if (!(storage instanceof FileStorage)) {
    throw new ConfigurationError(
      `${where}: storage is missing or no FileStorage; write storage: new LocalStorage({ root: '/srv/private-media' }).`,
    );
  }
  if (baseUrl !== undefined && !(typeof baseUrl === 'string' && BASE_URL.test(baseUrl))) {
    throw new ConfigurationError(
      `${where}: baseUrl is a path such as "/private-media", of letters, digits, "-", ".", "_" and "~", without a slash at its end; not "${baseUrl}".`,
    );
  }
  if (!Array.isArray(guards)) {
    throw new ConfigurationError(
      `${where}: guards is a list of guard classes; write guards: [AllowStaff].`,
    );
  }
  if (guards.length === 0) {
    throw new ConfigurationError(
      `${where}: guards: [] would let everybody in; leave it out for superusers only, or name guards such as [AllowAuthenticated].`,
    );
  }
  const wrong = guards.findIndex((guard) => typeof guard !== 'function');
  if (wrong >= 0)
    throw new ConfigurationError(
      `${where}: guards[${wrong}] is no class; give guards as classes, which Nest makes.`,
    );
  return { ...options, guards };
}

/** Storage names become injection tokens and routes before an asynchronous factory has run. */
function assertNames(storages: unknown, declared: readonly string[]): void {
  if (typeof storages !== 'object' || storages === null) {
    throw new ConfigurationError(
      'storages is an object with the options of each storage by its name.',
    );
  }
  const given = Object.keys(storages);
  const reserved = given.find((name) => name === DEFAULT_STORAGE);
  if (reserved)
    throw new ConfigurationError(
      `storages.${reserved}: the default storage's options stand at the top; choose another name.`,
    );
  const undeclared = given.find((name) => !declared.includes(name));
  if (undeclared) {
    throw new ConfigurationError(
      `storages.${undeclared} was not announced; write forRootAsync({ storageNames: ['${undeclared}'], ... }).`,
    );
  }
  const missing = declared.find((name) => !given.includes(name));
  if (missing)
    throw new ConfigurationError(
      `storageNames announces "${missing}", but the options have no storages.${missing}.`,
    );
}

/** Below one another's path, the router would decide whose guards are asked. */
function assertSeparateUrls(storages: ReadonlyMap<string, StorageOptions>): void {
  const urls = [...storages].flatMap(([name, { baseUrl }]) =>
    baseUrl === undefined ? [] : [{ name, url: `${baseUrl.toLowerCase()}/` }],
  );
  for (const one of urls) {
    const other = urls.find(({ name, url }) => name !== one.name && url.startsWith(one.url));
    if (other) {
      throw new ConfigurationError(
        `The storages "${one.name}" and "${other.name}" have the same baseUrl, or one that lies below the other's; give each its own.`,
      );
    }
  }
}
