import { rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Comes back when what is written now gets a later time than the file has. Kernels before 6.13 count the times of files
 * in steps of some milliseconds.
 */
export function untilClockMoves(path: string): void {
  const { ctimeMs } = statSync(path);
  const probe = `${path}.clock`;
  do writeFileSync(probe, '');
  while (statSync(probe).ctimeMs <= ctimeMs);
  rmSync(probe);
}
