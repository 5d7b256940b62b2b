import { fileOf, keyFor, setFile, stagedFilesOf, type FieldValue } from '../entity/entity-files.js';
import type { StagedFile } from '../file/staged-file.js';
import { isStoredFile } from '../file/stored-file.js';
import type { Announcement } from './announce-files.js';
import type { DataSourceFiles } from './data-source-files.js';
import { undo, without, type CreatedFile } from './file-changes.js';
import type { FileTransaction } from './file-transaction.js';
import { isLost, lost, nameFiles } from './name-files.js';
import { wholeEntity, type RowEvent, type RowWrite } from './row-write.js';

/** Does what is to be done for the files of a row that has been written. */
export async function settleFiles(
  row: RowWrite,
  { transaction, obsolete }: Announcement,
): Promise<void> {
  const { event, files } = row;
  const named = row.columns.map(({ field }) => fileOf(row.entity, field)).filter(isStoredFile);
  for (const file of named) files.of(event.queryRunner).transaction?.keep(file);
  await disposeFiles(event, files, { transaction, obsolete: without(obsolete, named) });
  const staged = stagedFilesOf(
    row.entity,
    row.columns.map(({ field }) => field),
  );
  if (staged.length === 0) return;
  const store = () => storeFiles(row, staged, transaction);
  await (transaction ? transaction.run(store, !files.isShared) : store());
}

/** What no row names any more goes with the commit, or at once where there is nothing to be committed. */
export async function disposeFiles(
  { queryRunner }: RowEvent,
  files: DataSourceFiles,
  { transaction: own, obsolete }: Announcement,
): Promise<void> {
  const { transaction } = files.of(queryRunner);
  if (obsolete.length === 0 || own?.isRolledBack) return;
  if (transaction) transaction.add({ created: [], obsolete });
  else await files.deleteAll(obsolete);
}

/** Commits files under their keys and names them in the row; when anything fails they are staged again. */
async function storeFiles(
  row: RowWrite,
  staged: readonly FieldValue<StagedFile>[],
  own?: FileTransaction,
): Promise<void> {
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
    await nameFiles(row, created, own);
  } catch (error) {
    await undo(created, (failure) => files.notUndone(failure));
    throw error;
  }
}
