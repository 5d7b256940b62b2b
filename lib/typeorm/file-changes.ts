import { fileOf, setFile } from '../entity/entity-files.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import type { StagedFile } from '../file/staged-file.js';
import type { StoredFile } from '../file/stored-file.js';

/** A staged file that was committed for an entity, as long as that can be undone. */
export interface CreatedFile {
  readonly entity: object;
  readonly field: PrivateFileField;
  readonly staged: StagedFile;
  readonly stored: StoredFile;
}

/** Takes commits back, last one first, and gives the entities their staged files again. Throws nothing. */
export async function undo(
  created: readonly CreatedFile[],
  failed: (error: unknown) => void,
): Promise<void> {
  for (const { entity, field, staged, stored } of created.toReversed()) {
    try {
      // Others must not have a turn where a connection is shared; a storage that can do without an await is not awaited.
      if (staged.canCommitSync) staged.revertSync();
      else await staged.revert();
      if (fileOf(entity, field) === stored) setFile(entity, field, staged);
    } catch (error) {
      failed(error);
    }
  }
}

/** The files that are not among the others. */
export function without(files: readonly StoredFile[], others: readonly StoredFile[]): StoredFile[] {
  return files.filter((file) => !others.some((other) => isSameFile(file, other)));
}

export function isSameFile(one: StoredFile, other: StoredFile): boolean {
  return one.storage === other.storage && one.key === other.key;
}
