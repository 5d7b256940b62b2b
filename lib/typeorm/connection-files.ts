import type { StoredFile } from '../file/stored-file.js';
import { FileTransaction } from './file-transaction.js';

/** The files of one connection of the database: those of its open transaction, and those that may be deleted. */
export class ConnectionFiles {
  private open?: FileTransaction;
  private obsolete: StoredFile[] = [];
  private changes = 0;

  constructor(private readonly failed: (error: unknown) => void) {}

  /** The transaction that a statement would now belong to. */
  get transaction(): FileTransaction | undefined {
    return this.open;
  }

  /** Another number whenever a transaction has begun or ended in between. */
  get period(): number {
    return this.changes;
  }

  begin(): void {
    if (this.open) {
      this.open.begin();
    } else {
      this.open = new FileTransaction(this.failed);
      this.changes++;
    }
  }

  commit(): void {
    this.obsolete.push(...(this.open?.commit() ?? []));
    this.forgetEnded();
  }

  /** The files are taken back before this returns, where their storage can do so. */
  rollback(): Promise<void> {
    const undone = this.open?.undo() ?? Promise.resolve();
    this.open?.rollback();
    this.forgetEnded();
    return undone;
  }

  /** The files that no row names any more, each once. */
  takeObsolete(): readonly StoredFile[] {
    return this.obsolete.splice(0);
  }

  private forgetEnded(): void {
    if (!this.open || this.open.isOpen) return;
    this.open = undefined;
    this.changes++;
  }
}
