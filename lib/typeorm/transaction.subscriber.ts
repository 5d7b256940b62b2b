import type {
  AfterQueryEvent,
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
    if (!transaction?.isCommitting) await transaction?.undo();
  }

  async afterTransactionRollback({ queryRunner }: TransactionRollbackEvent): Promise<void> {
    const connection = this.files.of(queryRunner);
    await connection.rollback();
    if (!connection.transaction) connection.forgetWritten();
  }

  /** The rows are asked while the transaction still keeps others from changing them. */
  async beforeTransactionCommit({ queryRunner }: TransactionCommitEvent): Promise<void> {
    const connection = this.files.of(queryRunner);
    const { transaction } = connection;
    if (!transaction?.isOutermost) return;
    transaction.unnamed.push(...(await connection.takeUnnamed()));
    transaction.isCommitting = true;
  }

  /** PostgreSQL answers the COMMIT of a transaction in which a statement has failed with ROLLBACK, and no error. */
  afterQuery({ queryRunner, query, rawResults, error }: AfterQueryEvent): Promise<void> | void {
    const { transaction } = this.files.of(queryRunner);
    if (isDeadlock(error)) return transaction?.undoAll();
    if (transaction && query === 'COMMIT' && isRollback(rawResults)) transaction.isAborted = true;
  }

  async afterTransactionCommit(event: TransactionCommitEvent): Promise<void> {
    const connection = this.files.of(event.queryRunner);
    const { transaction } = connection;
    if (transaction?.isAborted) return this.afterTransactionRollback(event);
    connection.commit();
    await this.files.deleteAll(transaction?.unnamed ?? []);
    await this.files.deleteUnnamed(connection); // what other subscribers wrote meanwhile
  }
}

function isRollback(result: unknown): boolean {
  if (typeof result !== 'object' || result === null || !('command' in result)) return false;
  return result.command === 'ROLLBACK';
}

const ER_LOCK_DEADLOCK = 1213;

/** MySQL and MariaDB roll the whole transaction back then, whatever savepoint is open, and not the statement alone. */
function isDeadlock(error: unknown): boolean {
  return (Object(error) as { errno?: unknown }).errno === ER_LOCK_DEADLOCK;
}
