const MAX_PATHS = 4096;

/**
 * Paths opened lately on a disk of this machine. What opening and reading such a file needs is in the kernel's memory:
 * a turn in the thread pool costs more than the call, and the event loop waits for no disk and no network.
 */
export class WarmPaths {
  private readonly paths = new Set<string>();

  /** On a file system that is not local no path is ever warm. */
  constructor(private readonly isLocal: boolean) {}

  /** Whether it was opened lately. It counts as opened from now on. */
  visit(path: string): boolean {
    if (!this.isLocal) return false;
    if (this.paths.has(path)) return true;
    if (this.paths.size === MAX_PATHS) this.paths.clear();
    this.paths.add(path);
    return false;
  }
}
