import { realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FileNotFoundError, StagedFileGoneError } from '../private-storage.errors.js';

/** The folder inside the root where uploads wait. No key leads into it: none of its segments begins with a dot. */
export const STAGING_FOLDER = '.staging';

const STAGED_ID = /^[0-9a-f]{32}$/;

/** The one function that turns a checked key into a path. On Windows a colon would name a drive or a stream. */
export function pathOf(root: string, key: string): string {
  if (sep === '\\' && key.includes(':')) throw new FileNotFoundError();
  return join(root, key);
}

/** Ids come back from plain data, so they are checked again. */
export function isStagedId(id: unknown): id is string {
  return typeof id === 'string' && STAGED_ID.test(id);
}

export function stagedPath(root: string, id: unknown): string {
  if (!isStagedId(id)) {
    throw new StagedFileGoneError('No staged file has that id.');
  }
  return join(root, STAGING_FOLDER, id);
}

/** A link would lead out of the root; another spelling, on macOS and Windows, round a guard's rule on the first. */
export async function assertExactPath(path: string): Promise<void> {
  if ((await realpath(path)) !== path) throw new FileNotFoundError();
}

/** As {@link assertExactPath}, without giving other work a turn. */
export function assertExactPathSync(path: string): void {
  if (realpathSync.native(path) !== path) throw new FileNotFoundError();
}
