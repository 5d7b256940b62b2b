import type {
  EntitySubscriberInterface,
  TransactionCommitEvent,
  TransactionRollbackEvent,
  TransactionStartEvent,
} from 'typeorm';
import type { DataSourceFiles } from './data-source-files.js';

/** Follows the transactions of a data source whose connections serve one save at a time. */
export class TransactionSubscriber implements EntitySubscriberInterface {
  constructor(protected readonly files: DataSourceFiles) {}

  afterTransactionStart({ queryRunner }: TransactionStartEvent): void {
    this.files.of(queryRunner).begin();
  }

  /** Before, because a connection that has broken down rolls back, too, but tells nobody afterwards. */
  async beforeTransactionRollback({ queryRunner }: TransactionRollbackEvent): Promise<void> {
    const { transaction } = this.files.of(queryRunner);
    await transaction?.closing();
    await transaction?.undo();
  }

  afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): Promise<void> {
    return this.files.of(queryRunner).rollback();
  }

  async afterTransactionCommit({ queryRunner }: TransactionCommitEvent): Promise<void> {
    const files = this.files.of(queryRunner);
    files.commit();
    await this.files.deleteAll(files.takeObsolete());
  }
}
