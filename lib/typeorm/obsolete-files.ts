import type { StoredFile } from '../file/stored-file.js';
import { filesIn, readColumns, type FileRow } from './file-rows.js';

/** A row that was written, the files it let go of, and those it named then. */
export interface WrittenRow {
  readonly row: FileRow;
  readonly obsolete: readonly StoredFile[];
  readonly named: readonly StoredFile[];
}

/**
 * The files that rows let go of and no row names, each once: a key that is free again may be taken by another file. The
 * rows are asked, because a file may have moved to another row or column, and a roll-back gives a row its file back.
 */
export async function unnamedFiles(written: readonly WrittenRow[]): Promise<StoredFile[]> {
  const obsolete = written.flatMap((one) => one.obsolete);
  const unnamed = new Map(obsolete.map((file) => [placeOf(file), file]));
  for (const { row, obsolete, named } of written) {
    if (![...obsolete, ...named].some((file) => unnamed.has(placeOf(file)))) continue;
    for (const file of filesIn(await readColumns(row))) unnamed.delete(placeOf(file));
  }
  return [...unnamed.values()];
}

function placeOf({ storage, key }: StoredFile): string {
  return JSON.stringify([storage, key]);
}
