import { createHash } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from './local-errors.js';
import { STAGING_FOLDER } from './local-path.js';

// Synchronous: these calls cost less than a turn in the thread pool, and a transaction on a shared connection must not
// be left open while others have a turn.

/** Moves a staged file to a name that is free, in one step; false when it is taken. */
export function moveByLink(source: string, target: string): boolean {
  if (!isNew(() => linkSync(source, target))) return false;
  try {
    unlinkSync(source);
  } catch (error) {
    unlinkSync(target); // both or neither: a caller that is told of a failure discards what is staged
    throw error;
  }
  return true;
}

/**
 * As {@link moveByLink}, where there are no hard links: whoever makes the folder `reservation` has the name to himself
 * until the file is renamed. False also while another process has it.
 */
export function moveByRename(source: string, target: string, reservation: string): boolean {
  if (!isNew(() => mkdirSync(reservation))) return false;
  try {
    if (lstatSync(target, { throwIfNoEntry: false })) return false;
    renameSync(source, target);
    return true;
  } finally {
    rmdirSync(reservation);
  }
}

/** Beside the uploads, so that what a crash leaves of it is swept. File systems without hard links often ignore case. */
export function reservationPath(root: string, key: string): string {
  const name = createHash('sha256').update(key.normalize('NFC').toLowerCase()).digest('hex');
  return join(root, STAGING_FOLDER, `name-${name}`);
}

/** Makes something in one step; false when there is something of that name. */
function isNew(make: () => void): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
