import { Inject } from '@nestjs/common';
import { FileStorage } from './file-storage.js';
import { DEFAULT_STORAGE } from './storage-registry.js';

/** The injection token of a storage: `FileStorage` itself for the default one. Use it to override a storage in a test. */
export function storageToken(name: string = DEFAULT_STORAGE): typeof FileStorage | string {
  return name === DEFAULT_STORAGE ? FileStorage : `nestjs-private-storage:storage:${name}`;
}

/**
 * Injects a storage by its name.
 *
 * @example
 * constructor(private readonly files: FileStorage, @InjectStorage('invoices') private readonly invoices: FileStorage) {}
 */
export function InjectStorage(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(storageToken(name));
}
