import type { FieldValue } from '../entity/entity-files.js';
import type { StoredFile } from '../file/stored-file.js';
import { StorageFailedError } from '../private-storage.errors.js';
import { without, type CreatedFile } from './file-changes.js';
import { filesIn, readColumns, writeColumns, type ColumnTexts, type FileRow } from './file-rows.js';
import type { FileTransaction } from './file-transaction.js';
import { rowId, type RowWrite } from './row-write.js';

/**
 * Names new files in their row, and sees to it that they and the row are undone, or become final, together.
 * Returns the files that the row named before.
 */
export async function nameFiles(
  row: RowWrite,
  created: readonly CreatedFile[],
  own?: FileTransaction,
): Promise<readonly StoredFile[]> {
  if (row.files.isShared) return nameFilesAmongOthers(row, created, own);
  if (!own || own.isLost) throw lost();
  const target = fileRow(row, created);
  // With a lock, though the save has one by now: without it InnoDB shows what was there when the transaction began.
  const texts = row.databaseEntity && (await readColumns(target, row.files.updateLock));
  if (!(await writeColumns(target, row.entity))) throw lost();
  own.add(created);
  return filesIn(texts);
}

/**
 * On a shared connection the statements of a save may be run outside of its transaction, or within another save's, which
 * may be rolled back. The row is written only while it is still the same, and again until that can only be undone
 * together with what wrote the row.
 */
async function nameFilesAmongOthers(
  row: RowWrite,
  created: readonly CreatedFile[],
  own?: FileTransaction,
): Promise<readonly StoredFile[]> {
  const { event, entity, files } = row;
  const connection = files.of(event.queryRunner);
  const target = fileRow(row, created);
  const stored = created.map((file) => file.stored);
  const marks = created.map(({ staged }) => files.announced.get(staged)?.mark);
  const obsolete: StoredFile[] = [];
  for (;;) {
    if (isLost(row, own)) throw lost();
    const { period } = connection;
    const texts = await readColumns(target);
    if (!texts || !isSameRow(texts, marks, stored)) throw lost();
    obsolete.push(...without(filesIn(texts), [...stored, ...obsolete]));
    const isWritten = await writeColumns(target, entity, texts);
    if (!isWritten || connection.period !== period) continue;
    const { transaction } = connection;
    if (transaction && transaction === own) {
      own.add(created);
      return obsolete;
    }
    if (!transaction || (await transaction.outcome)) return obsolete;
  }
}

/** The id of a new row that was rolled back is given to the next one: only the mark tells them apart. */
function isSameRow(
  texts: NonNullable<ColumnTexts>,
  marks: readonly (object | undefined)[],
  stored: readonly StoredFile[],
): boolean {
  return texts.every(
    (text, at) =>
      !marks[at] || [JSON.stringify(marks[at]), JSON.stringify(stored[at])].includes(text ?? ''),
  );
}

/** The row, with its columns in the order of the files. */
export function fileRow(
  row: RowWrite,
  files: readonly Pick<FieldValue<unknown>, 'field'>[],
): FileRow {
  const { manager, metadata } = row.event;
  const id = rowId(row);
  if (!id)
    throw new StorageFailedError(
      'The id of the new row is not known; call save() without { reload: false }.',
    );
  const columns = files.flatMap(({ field }) =>
    row.columns.filter((column) => column.field === field),
  );
  return { manager, metadata, id, columns };
}

/** On a shared connection a new row may be written after the transaction that was open before; its mark tells. */
export function isLost({ files, databaseEntity }: RowWrite, own?: FileTransaction): boolean {
  if (!own?.isLost) return false;
  return !files.isShared || databaseEntity !== undefined || own.isOpen;
}

export function lost(): StorageFailedError {
  return new StorageFailedError('The row is gone: the transaction that wrote it was rolled back.');
}
