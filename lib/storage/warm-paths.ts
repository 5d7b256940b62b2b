const MAX_PATHS = 4096;

/**
 * Paths of files that were used lately on a disk of this machine. What using one again needs is in the kernel's memory: a
 * turn in the thread pool costs more than the call, and the event loop waits for no disk and no network.
 */
export class WarmPaths {
  private readonly paths = new Set<string>();

  /** On a file system that is not local no path is ever warm. */
  constructor(private readonly isLocal: boolean) {}

  /** Whether it was used lately. It counts as used from now on. */
  visit(path: string): boolean {
    if (!this.isLocal) return false;
    if (this.paths.has(path)) return true;
    if (this.paths.size === MAX_PATHS) this.paths.clear();
    this.paths.add(path);
    return false;
  }
}
