import { randomUUID } from 'node:crypto';
import { fileOf, setFile } from '../entity/entity-files.js';
import { assertFits } from '../entity/field-rules.js';
import { StagedFile } from '../file/staged-file.js';
import { isStoredFile } from '../file/stored-file.js';
import { ConfigurationError } from '../private-storage.errors.js';
import type { Announcement } from './announcements.js';
import { WaitingMark } from './column-values.js';
import type { DataSourceFiles } from './data-source-files.js';
import { isSameFile } from './file-changes.js';
import type { FileColumn } from './file-columns.js';
import { filesIn, readColumns, type FileRow, type RowLock } from './file-rows.js';
import { fieldName, rowId, type RowEvent, type RowWrite } from './row-write.js';
import { notBySave } from './staged-file-refusal.subscriber.js';

/** Checks the staged files of an entity that is about to be written, and lets its columns wait for them. */
export function announceStaged(row: RowWrite, change: 'insert' | 'update'): void {
  const { event, entity, columns, files } = row;
  for (const { field } of columns) {
    const file = fileOf(entity, field);
    if (!(file instanceof StagedFile)) continue;
    const name = fieldName(row, field.property);
    if (!event.queryRunner.isTransactionActive || (change === 'update' && !rowId(row)))
      throw notBySave(name);
    if (files.isShared && !file.canCommitSync) throw tooSlow(name, file);
    assertFits(field, file);
    setFile(entity, field, file); // the width and height of an image are written with the row
    files.announced.set(file, change === 'insert' ? { mark: new WaitingMark(randomUUID()) } : {});
  }
}

/** Reads which files a row names in columns that are about to be overwritten, or to go with it. */
export async function announceObsolete(
  { queryRunner }: RowEvent,
  files: DataSourceFiles,
  row: FileRow,
  lock: RowLock,
): Promise<Announcement> {
  const { transaction } = files.of(queryRunner);
  if (row.columns.length === 0) return { transaction, obsolete: [], waiting: [] };
  const isLocking = !files.isShared && queryRunner.isTransactionActive;
  const read = () => readColumns(row, isLocking ? lock : undefined);
  const texts = await (transaction ? transaction.run(read, !files.isShared) : read());
  return { transaction, obsolete: filesIn(texts), waiting: [] };
}

/**
 * Leaves a column as it is where the entity was read before another save replaced or removed the file: it would name
 * one that is gone again, and let the new one go. Not on a shared connection, where a storage must not be waited for.
 */
export async function leaveReplaced(row: RowWrite): Promise<void> {
  const { entity, databaseEntity = {}, files } = row;
  if (files.isShared) return;
  for (const { field } of overwritten(row)) {
    const [file, found] = [fileOf(entity, field), fileOf(databaseEntity, field)];
    if (found === undefined || !isStoredFile(file) || !(await files.isGone(file))) continue;
    setFile(entity, field, isStoredFile(found) ? found : null);
  }
}

/** The columns of an update that get another stored file, or none; a listener may just have changed them. */
export function overwritten({ entity, databaseEntity = {}, columns }: RowWrite): FileColumn[] {
  return columns.filter(({ field }) => {
    const [file, old] = [fileOf(entity, field), fileOf(databaseEntity, field)];
    if (file === null) return old !== null;
    return isStoredFile(file) && !(isStoredFile(old) && isSameFile(file, old));
  });
}

function tooSlow(name: string, file: StagedFile): ConfigurationError {
  return new ConfigurationError(
    `${name}: the storage "${file.storageName}" takes its time, and on this database all saves share one connection; ` +
      'write "await files.commit(entity, () => repository.save(entity))" with PrivateStorageService instead of save().',
  );
}
