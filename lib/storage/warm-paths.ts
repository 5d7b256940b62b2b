import { statfsSync } from 'node:fs';

/** File systems that ask no other machine whether what is in memory still holds (`man 2 statfs`). */
const LOCAL_FILE_SYSTEMS = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlay
]);

const MAX_PATHS = 4096;

/**
 * Paths opened lately on a disk of this machine. What opening and reading such a file needs is in the kernel's memory:
 * a turn in the thread pool costs more than the call, and the event loop waits for no disk and no network.
 */
export class WarmPaths {
  private readonly isLocal: boolean;
  private readonly paths = new Set<string>();

  constructor(root: string) {
    this.isLocal = LOCAL_FILE_SYSTEMS.has(statfsSync(root).type);
  }

  /** Whether it was opened lately. It counts as opened from now on. */
  visit(path: string): boolean {
    if (!this.isLocal) return false;
    if (this.paths.has(path)) return true;
    if (this.paths.size === MAX_PATHS) this.paths.clear();
    this.paths.add(path);
    return false;
  }
}
