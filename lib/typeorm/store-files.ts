import { fileOf, keyFor, setFile, stagedFilesOf, type FieldValue } from '../entity/entity-files.js';
import type { StagedFile } from '../file/staged-file.js';
import { isStoredFile, type StoredFile } from '../file/stored-file.js';
import type { Announcement } from './announce-files.js';
import type { DataSourceFiles } from './data-source-files.js';
import { undo, type CreatedFile } from './file-changes.js';
import type { FileTransaction } from './file-transaction.js';
import type { WrittenRow } from './obsolete-files.js';
import { isLost, lost, nameFiles } from './name-files.js';
import { rowId, wholeEntity, type RowEvent, type RowWrite } from './row-write.js';

/** Does what is to be done for the files of a row that has been written. */
export async function settleFiles(
  row: RowWrite,
  { transaction, obsolete }: Announcement,
): Promise<void> {
  const { files } = row;
  await noteRow(row, obsolete);
  const staged = stagedFilesOf(
    row.entity,
    row.columns.map(({ field }) => field),
  );
  if (staged.length === 0) return;
  const store = () => storeFiles(row, staged, transaction);
  await noteRow(row, await (transaction ? transaction.run(store, !files.isShared) : store()));
}

/** What no row names any more goes with the commit, or at once where there is nothing to be committed. */
export async function noteWritten(
  { queryRunner }: RowEvent,
  files: DataSourceFiles,
  written: WrittenRow,
): Promise<void> {
  const connection = files.of(queryRunner);
  connection.wrote(written);
  if (!connection.transaction) await files.deleteUnnamed(connection);
}

async function noteRow(row: RowWrite, obsolete: readonly StoredFile[]): Promise<void> {
  const { event, entity, columns, files } = row;
  const id = rowId(row);
  const named = columns.map(({ field }) => fileOf(entity, field)).filter(isStoredFile);
  if (!id || obsolete.length + named.length === 0) return;
  const { manager, metadata } = event;
  await noteWritten(event, files, { row: { manager, metadata, id, columns }, obsolete, named });
}

/**
 * Commits files under their keys and names them in the row; when anything fails they are staged again.
 * Returns the files that the row named before.
 */
async function storeFiles(
  row: RowWrite,
  staged: readonly FieldValue<StagedFile>[],
  own?: FileTransaction,
): Promise<readonly StoredFile[]> {
  const { entity, files } = row;
  const created: CreatedFile[] = [];
  try {
    const whole = wholeEntity(row);
    for (const { field, file } of staged) {
      if (isLost(row, own)) throw lost();
      const key = keyFor(whole, { field, file });
      const stored = files.isShared ? file.commitSync(key) : await file.commit(key);
      created.push({ entity, field, staged: file, stored });
      setFile(entity, field, stored);
    }
    return await nameFiles(row, created, own);
  } catch (error) {
    await undo(created, (failure) => files.notUndone(failure));
    throw error;
  }
}
