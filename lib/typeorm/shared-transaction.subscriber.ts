import type {
  AfterQueryEvent,
  EntitySubscriberInterface,
  TransactionCommitEvent,
  TransactionRollbackEvent,
} from 'typeorm';
import type { DataSourceFiles } from './data-source-files.js';

/**
 * Follows the transactions of a connection that all saves share. Other saves' statements run between BEGIN and the event
 * that tells of it, so the statements themselves are watched: what they begin and end, they do before anybody has a turn.
 */
export class SharedTransactionSubscriber implements EntitySubscriberInterface {
  constructor(private readonly files: DataSourceFiles) {}

  afterQuery({ queryRunner, query, success }: AfterQueryEvent): void {
    const files = this.files.of(queryRunner);
    if (/^ROLLBACK TO /i.test(query)) void files.rollback();
    else if (/^ROLLBACK/i.test(query)) while (files.transaction) void files.rollback();
    else if (!success) return;
    else if (/^(?:BEGIN|SAVEPOINT)/i.test(query)) files.begin();
    else if (/^(?:COMMIT|END|RELEASE)/i.test(query)) files.commit();
  }

  async beforeTransactionRollback({ queryRunner }: TransactionRollbackEvent): Promise<void> {
    await this.files.of(queryRunner).transaction?.closing();
  }

  /** Files are awaited only where nothing is open any more. */
  afterTransactionCommit({ queryRunner }: TransactionCommitEvent): Promise<void> {
    return this.files.deleteUnnamed(this.files.of(queryRunner));
  }

  /** Rows may have been written outside of the transaction that was rolled back. */
  afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): Promise<void> {
    return this.files.deleteUnnamed(this.files.of(queryRunner));
  }
}
