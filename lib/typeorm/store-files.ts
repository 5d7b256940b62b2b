import { fileOf, keyFor, setFile, stagedFilesOf, type FieldValue } from '../entity/entity-files.js';
import type { StagedFile } from '../file/staged-file.js';
import { isStoredFile, type StoredFile } from '../file/stored-file.js';
import { StorageFailedError } from '../private-storage.errors.js';
import type { Announcement } from './announcements.js';
import type { DataSourceFiles } from './data-source-files.js';
import { undo, type CreatedFile } from './file-changes.js';
import type { FileTransaction } from './file-transaction.js';
import type { WrittenRow } from './obsolete-files.js';
import { deleteRow } from './file-rows.js';
import { fileRow, isLost, lost, nameFiles } from './name-files.js';
import { fieldName, rowId, wholeEntity, type RowEvent, type RowWrite } from './row-write.js';

/** Does what is to be done for the files of a row that has been written. */
export async function settleFiles(
  row: RowWrite,
  { transaction, obsolete, waiting }: Announcement,
): Promise<void> {
  const { files } = row;
  const changed = waiting.find(({ field, file }) => fileOf(row.entity, field) !== file);
  if (changed) {
    await deleteWaiting(row, waiting);
    throw changedMeanwhile(fieldName(row, changed.field.property));
  }
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
    await deleteWaiting(row, staged);
    throw error;
  }
}

/** On a shared connection nothing may roll a new row back, and elsewhere an app may pass the error over and commit. */
async function deleteWaiting(
  row: RowWrite,
  staged: readonly FieldValue<StagedFile>[],
): Promise<void> {
  if (row.databaseEntity) return;
  const marks = staged.map(({ file }) => JSON.stringify(row.files.announced.get(file)?.mark));
  try {
    await deleteRow(fileRow(row, staged), marks);
  } catch {
    // Its transaction has failed, and is rolled back.
  }
}

function changedMeanwhile(name: string): StorageFailedError {
  return new StorageFailedError(
    `${name} was changed after its row was written, by a listener or by another save() of the same entity; its file was not stored.`,
  );
}
