import { closeSync, fsyncSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StorageFailedError } from '../private-storage.errors.js';
import { systemCode } from './local-errors.js';

/**
 * Makes a folder below the root, and those above it, and returns the folders whose entries change when a file is put
 * into it, for {@link syncFolders}. Each is looked at before the next is made in it: `mkdir` follows links.
 */
export function makeFolder(root: string, folder: string, mode: number): string[] {
  if (isRealFolder(folder)) return [folder];
  if (folder === root) throw new StorageFailedError('The root of the storage is gone.');
  const changed = makeFolder(root, dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const isThereNow = systemCode(error) === 'EEXIST' && isRealFolder(folder); // made by another process
    if (!isThereNow) throw error;
  }
  return [folder, ...changed];
}

/** A new name survives a power cut only when the folder that holds it was flushed too. */
export async function syncFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      const handle = await open(folder, 'r');
      await handle.sync().finally(() => handle.close());
    } catch (error) {
      ignoreUnsupported(error);
    }
  }
}

/** As {@link syncFolders}, without giving other work a turn. */
export function syncFoldersSync(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      const descriptor = openSync(folder, 'r');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      ignoreUnsupported(error);
    }
  }
}

/** False when there is nothing. @throws StorageFailedError when there is something else than a folder, and what the file system throws */
export function isRealFolder(folder: string): boolean {
  try {
    // The slash makes a file an error.
    if (realpathSync.native(`${folder}/`) === folder) return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    if (systemCode(error) !== 'ENOTDIR' && systemCode(error) !== 'ELOOP') throw error;
  }
  throw new StorageFailedError(
    'A folder of the key is a file or a symbolic link in this storage; nothing is stored below it.',
  );
}

/** Windows and some network mounts cannot flush a folder. */
function ignoreUnsupported(error: unknown): void {
  if (!['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
}
