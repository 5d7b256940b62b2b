/**
 * Now, in seconds, to a microsecond. Kernels before 6.13 count the times of files in steps of some milliseconds, and give
 * a new file the inode of the one that was just replaced: in one step two files of one size could not be told apart.
 */
export function exactTime(): number {
  return (Date.now() + (performance.now() % 1)) / 1000;
}
