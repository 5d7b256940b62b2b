import type { StoredFile } from '../file/stored-file.js';
import { without } from './file-changes.js';
import { FileTransaction } from './file-transaction.js';
import { unnamedFiles, type WrittenRow } from './obsolete-files.js';

/** The files of one connection of the database: those of its open transaction, and those that rows let go of. */
export class ConnectionFiles {
  private open?: FileTransaction;
  private readonly written: WrittenRow[] = [];
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
    this.open?.commit();
    this.forgetEnded();
  }

  /** The files are taken back before this returns, where their storage can do so. */
  rollback(): Promise<void> {
    const undoing = this.open?.undo() ?? Promise.resolve();
    const undone = this.open?.rollback() ?? [];
    const written = this.written.splice(0);
    for (const row of written) this.wrote({ ...row, obsolete: without(row.obsolete, undone) });
    this.forgetEnded();
    return undoing;
  }

  wrote(row: WrittenRow): void {
    this.written.push(row);
  }

  get hasWritten(): boolean {
    return this.written.length > 0;
  }

  /** Forgets which rows were written. */
  forgetWritten(): void {
    this.written.length = 0;
  }

  /** The files that no row names any more; none yet when a transaction has begun or ended while the rows were asked. */
  async takeUnnamed(): Promise<readonly StoredFile[]> {
    const { period } = this;
    const written = this.written.splice(0);
    const unnamed = await unnamedFiles(written);
    if (this.period === period) return unnamed;
    this.written.push(...written);
    return [];
  }

  private forgetEnded(): void {
    if (!this.open || this.open.isOpen) return;
    this.open = undefined;
    this.changes++;
  }
}
