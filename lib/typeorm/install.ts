import type { DataSource } from 'typeorm';
import { ConfigurationError } from '../private-storage.errors.js';
import type { StorageRegistry } from '../storage/storage-registry.js';
import { admitOnlyFiles } from './column-values.js';
import { DataSourceFiles } from './data-source-files.js';
import { fieldsIn, fileColumnsOf, takeOver } from './file-columns.js';
import { FileSubscriber } from './file.subscriber.js';
import { StagedFileRefusal } from './staged-file-refusal.subscriber.js';
import { SharedTransactionSubscriber } from './shared-transaction.subscriber.js';
import { TransactionSubscriber } from './transaction.subscriber.js';
import { UngivenFiles } from './ungiven-files.subscriber.js';

/**
 * Lets a data source store private files.
 *
 * @throws ConfigurationError when it is not connected, or an entity keeps a private file where `save()` cannot store it.
 */
export function install(dataSource: DataSource, storages: () => StorageRegistry): void {
  if (dataSource.subscribers.some((subscriber) => subscriber instanceof StagedFileRefusal)) return;
  if (!dataSource.isInitialized) {
    throw new ConfigurationError(
      'PrivateStorageTypeOrmModule needs a data source that is connected when the app starts; leave out manualInitialization.',
    );
  }
  const files = new DataSourceFiles(dataSource, storages);
  const transactions = files.isShared
    ? new SharedTransactionSubscriber(files)
    : new TransactionSubscriber(files);
  // First, so that no other subscriber's error hides the end of a transaction.
  dataSource.subscribers.unshift(transactions, new StagedFileRefusal());
  // All before any is taken over: the classes of one table share their columns.
  const classes = dataSource.entityMetadatas.map((metadata) => ({
    target: metadata.target,
    columns: fileColumnsOf(metadata),
  }));
  const columns = classes.flatMap((one) => one.columns.map(({ column }) => column));
  admitOnlyFiles(dataSource, new Set(columns));
  for (const { target, columns } of classes) {
    if (columns.length === 0) continue;
    for (const { column } of columns) takeOver(column, dataSource, files.announced);
    // First, so that no other subscriber's error leaves null in an entity.
    dataSource.subscribers.unshift(new UngivenFiles(target, columns));
    // Last, so that it sees what other subscribers have made of an entity.
    dataSource.subscribers.push(new FileSubscriber(target, columns, files));
  }
}

/** @throws ConfigurationError when the files of a field are kept in a storage that does not exist. */
export function assertStorages({ entityMetadatas }: DataSource, storages: StorageRegistry): void {
  for (const { storage } of entityMetadatas.flatMap(fieldsIn)) storages.get(storage);
}
