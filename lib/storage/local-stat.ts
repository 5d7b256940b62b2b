import { lstatSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { readError } from './local-errors.js';
import { assertExactPath } from './local-path.js';
import type { FileStat } from './opened-file.js';
import type { WarmFiles } from './warm-files.js';

/** What the file system knows of the regular file that is exactly at `path`: not of one that a link leads to. */
export async function statLocalFile(path: string, warm: WarmFiles): Promise<FileStat> {
  const known = warm.at(path);
  try {
    if (known) {
      const stats = lstatSync(path);
      if (known.isSurely(stats)) return known.stat;
    }
    await assertExactPath(path);
    return warm.add(path, await lstat(path)).stat;
  } catch (error) {
    throw readError(error);
  }
}
