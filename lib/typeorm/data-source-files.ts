import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import { stackOf } from '../errors/stack-of.js';
import type { StoredFile } from '../file/stored-file.js';
import type { StorageRegistry } from '../storage/storage-registry.js';
import type { AnnouncedFiles } from './file-columns.js';
import { ConnectionFiles } from './connection-files.js';
import type { RowLock } from './file-rows.js';

/** What is known of the files that the saves of one data source are storing. */
export class DataSourceFiles {
  readonly announced: AnnouncedFiles = new WeakMap();
  /**
   * Whether all saves share one connection, as with SQLite: while a hook awaits real I/O there, others' saves get into
   * the transaction that is open, and are lost when it is rolled back.
   */
  readonly isShared: boolean;
  /** Of a row that is updated: PostgreSQL lets others insert rows that refer to it. */
  readonly updateLock: RowLock;
  private readonly logger = new Logger('PrivateStorageTypeOrmModule');
  private readonly connections = new WeakMap<QueryRunner, ConnectionFiles>();

  constructor(
    dataSource: DataSource,
    private readonly storages: () => StorageRegistry,
  ) {
    const { type } = dataSource.options;
    const isPostgres = type === 'postgres' || type === 'cockroachdb';
    this.updateLock = isPostgres ? 'for_no_key_update' : 'pessimistic_write';
    this.isShared = dataSource.createQueryRunner() === dataSource.createQueryRunner();
  }

  of(connection: QueryRunner): ConnectionFiles {
    let files = this.connections.get(connection);
    if (!files) {
      files = new ConnectionFiles((error) => this.notUndone(error));
      this.connections.set(connection, files);
    }
    return files;
  }

  /** Deletes what rows let go of, once nothing is open that could be rolled back. */
  async deleteUnnamed(connection: ConnectionFiles): Promise<void> {
    try {
      while (connection.hasWritten && !connection.transaction)
        await this.deleteAll(await connection.takeUnnamed());
    } catch (error) {
      this.logger.error('Which files no row names any more was not found out.', stackOf(error));
    }
  }

  /** Whether it is certain that there is no such file. */
  async isGone({ storage, key }: StoredFile): Promise<boolean> {
    try {
      return !(await this.storages().get(storage).exists(key));
    } catch {
      return false;
    }
  }

  /** What the database has committed is not failed by a file that cannot be deleted: it is of no use, but does no harm. */
  async deleteAll(files: readonly StoredFile[]): Promise<void> {
    for (const { storage, key } of files) {
      try {
        await this.storages().get(storage).delete(key);
      } catch (error) {
        this.logger.error(
          'A file that was replaced or removed could not be deleted.',
          stackOf(error),
        );
      }
    }
  }

  notUndone(error: unknown): void {
    this.logger.error(
      'A file of a save that was rolled back could not be taken back.',
      stackOf(error),
    );
  }
}
