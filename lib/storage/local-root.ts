import { randomUUID } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '../private-storage.errors.js';
import { systemCode } from './local-errors.js';
import { STAGING_FOLDER } from './local-path.js';

/**
 * Makes the root and its staging area where they are missing, proves that a file can be committed there, and returns
 * the root's real path.
 *
 * @throws ConfigurationError
 */
export function prepareRoot(root: string, folderMode: number, hardLinks: boolean): string {
  const place = resolve(root);
  const staging = join(place, STAGING_FOLDER);
  try {
    mkdirSync(staging, { recursive: true, mode: folderMode });
    if (lstatSync(staging).isSymbolicLink()) throw new Error(`${STAGING_FOLDER} is a link`);
  } catch (error) {
    throw unusable(place, error);
  }
  const probe = join(staging, `probe-${randomUUID()}`); // what a crash leaves of it is swept
  try {
    mkdirSync(probe);
    writeFileSync(join(probe, 'file'), '');
    if (hardLinks) probeLink(place, join(probe, 'file'), `${probe}-link`);
  } catch (error) {
    if (!isFull(error)) throw unusable(place, error); // a full disk still serves downloads
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
  return realpathSync.native(place);
}

/** Commits stand on hard links: only `link` gives a file its name in one step and never overwrites. */
function probeLink(place: string, file: string, link: string): void {
  try {
    linkSync(file, link);
  } catch (error) {
    if (isFull(error)) return;
    throw new ConfigurationError(
      `LocalStorage: the file system of the root ${place} has no hard links, which commits need; ` +
        'give a folder on one that has, or set hardLinks: false and read what that costs.',
      { cause: error },
    );
  } finally {
    rmSync(link, { force: true });
  }
}

function unusable(place: string, error: unknown): ConfigurationError {
  if (error instanceof ConfigurationError) return error;
  return new ConfigurationError(
    `LocalStorage: the root ${place} ${complaint(systemCode(error), error)}.`,
    { cause: error },
  );
}

function complaint(code: string | undefined, error: unknown): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'is a file or lies below one; give the path of a folder';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'cannot be written to; give a folder that belongs to the user of this process';
    default:
      return `cannot be used (${code ?? String(error)}); give the path of a folder that can be made or written to`;
  }
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
}
