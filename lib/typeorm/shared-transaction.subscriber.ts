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

  /** The one place where files are awaited: nothing is open any more. */
  async afterTransactionCommit({ queryRunner }: TransactionCommitEvent): Promise<void> {
    await this.files.deleteAll(this.files.of(queryRunner).takeObsolete());
  }
}
