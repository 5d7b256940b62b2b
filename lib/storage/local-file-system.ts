import { statfsSync } from 'node:fs';

/** The `f_type` of file systems that ask no other machine whether what is in memory still holds (`man 2 statfs`). */
const LOCAL_TYPES = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlay
]);

/** Whether calls on what the kernel has in memory return at once: not on a network's file system, nor on unknown ones. */
export function isLocalFileSystem(folder: string): boolean {
  return LOCAL_TYPES.has(statfsSync(folder).type);
}
