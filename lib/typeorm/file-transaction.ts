import type { StoredFile } from '../file/stored-file.js';
import { undo, type CreatedFile } from './file-changes.js';

type State = 'open' | 'committed' | 'rolled back';

interface Level {
  readonly created: CreatedFile[];
  /** Stores that are under way; a roll-back waits for them, or they would end behind it. */
  readonly running: Set<Promise<unknown>>;
  isClosing: boolean;
}

/** The files of one transaction of the database, from BEGIN to COMMIT or ROLLBACK, level by level of its savepoints. */
export class FileTransaction {
  /** Becomes true when the transaction is committed, false when it is rolled back. */
  readonly outcome: Promise<boolean>;
  /** What goes with the commit. */
  readonly unnamed: StoredFile[] = [];
  /** A COMMIT that fails may have been done, with nobody left to say so. */
  isCommitting = false;
  /** Becomes true when COMMIT has rolled back, because a statement had failed. */
  isAborted = false;
  private state: State = 'open';
  private readonly levels: Level[] = [];
  private readonly undone: StoredFile[] = [];
  private settle: (isCommitted: boolean) => void = () => undefined;

  constructor(private readonly failed: (error: unknown) => void) {
    this.outcome = new Promise((resolve) => (this.settle = resolve));
    this.begin();
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Whether no savepoint is open. */
  get isOutermost(): boolean {
    return this.levels.length === 1;
  }

  /** Whether what is done now would be rolled back, or has been. */
  get isLost(): boolean {
    return this.state === 'rolled back' || (this.state === 'open' && this.top.isClosing);
  }

  /** A savepoint. */
  begin(): void {
    this.levels.push({ created: [], running: new Set(), isClosing: false });
  }

  add(created: readonly CreatedFile[]): void {
    this.top.created.push(...created);
  }

  /** Runs work of this transaction; `isInTurn`, after what is running already: some drivers take one statement at a time. */
  run<T>(work: () => Promise<T>, isInTurn: boolean): Promise<T> {
    if (!this.isOpen) return work(); // another save's, which has ended meanwhile
    const { running } = this.top;
    const before = isInTurn ? [...running].at(-1) : undefined;
    const result = before ? before.then(work, work) : work();
    running.add(result);
    const done = () => running.delete(result);
    result.then(done, done);
    return result;
  }

  /** Releases the innermost level. */
  commit(): void {
    const { created } = this.top;
    this.levels.pop();
    if (this.levels.length > 0) this.add(created);
    else this.end('committed');
  }

  /** Waits until nothing more is being done on the level that is about to be rolled back. */
  async closing(): Promise<void> {
    const { running } = this.top;
    this.top.isClosing = true;
    while (running.size > 0) await Promise.allSettled(running);
  }

  /** Takes the files of the innermost level back. */
  async undo(): Promise<void> {
    await this.undoLevel(this.top);
  }

  /** Takes all of its files back: the database has rolled it back by itself, and what follows is none of it. */
  async undoAll(): Promise<void> {
    for (const level of this.levels) level.isClosing = true;
    for (const level of this.levels.toReversed()) await this.undoLevel(level);
  }

  /** Forgets the innermost level. Returns the files that were taken back, whose keys others may have by now. */
  rollback(): readonly StoredFile[] {
    this.levels.pop();
    if (this.levels.length === 0) this.end('rolled back');
    return this.undone.splice(0);
  }

  private async undoLevel({ created }: Level): Promise<void> {
    const files = created.splice(0);
    this.undone.push(...files.map(({ stored }) => stored));
    await undo(files, this.failed);
  }

  private end(state: State): void {
    this.state = state;
    this.settle(state === 'committed');
  }

  private get top(): Level {
    const level = this.levels.at(-1);
    if (level) return level;
    throw new RangeError('The transaction has ended.');
  }
}
