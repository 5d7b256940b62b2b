import { readdirSync, readlinkSync } from 'node:fs';

/** How many files below `root` this process holds open. */
export function openFiles(root: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => pathOf(descriptor).startsWith(root))
    .length;
}

function pathOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // the one that the folder was read with
  }
}

/** Gives all other work turns until something has happened; the test's time limit ends it. */
export async function until(hasHappened: () => boolean): Promise<void> {
  while (!hasHappened()) await turn();
}

/** One turn of the event loop, sockets and files included. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
