import type { ChildProcess } from 'node:child_process';

/**
 * A program that was spawned `detached`, in a process group of its own: Ctrl-C in a terminal reaches the launcher alone,
 * which ends the others in the right order.
 */
export class OwnProcess {
  /** Rejects when it ends, however that comes. */
  readonly running: Promise<never>;
  private readonly exited: Promise<string>;

  constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? String(code)));
    });
    this.running = this.exited.then((how) => {
      throw new Error(`${name} ended by itself: ${how}.`);
    });
    this.running.catch(() => undefined); // not everybody waits for it
  }

  /** Ends it, if it has not ended. @throws Error when it does not end well on a signal that lets it. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const asked = this.child.kill(signal);
    const how = await this.exited;
    this.killGroup();
    if (asked && how !== '0' && how !== signal) throw new Error(`${this.name} ended with ${how}.`);
  }

  /** Workers outlive a main process that was killed. */
  private killGroup(): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // None is left.
    }
  }
}
