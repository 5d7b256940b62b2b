import { ConfigurationError } from '../private-storage.errors.js';
import type { FileStorage } from './file-storage.js';

const ANY_KEY = 'a';

/**
 * Of storages on one disk, one in a folder of another's would be open to the other's keys, past its own guards. Two may
 * have the very same root: that is no oversight.
 *
 * @throws ConfigurationError
 */
export function assertSeparateRoots(storages: readonly FileStorage[]): void {
  const roots = storages.flatMap((storage) => {
    const path = storage.localPath(ANY_KEY);
    return path === undefined ? [] : [path.slice(0, -ANY_KEY.length)];
  });
  for (const root of roots) {
    const inner = roots.find((other) => other !== root && other.startsWith(root));
    if (inner === undefined) continue;
    throw new ConfigurationError(
      `A storage has the root ${inner}, inside another's, ${root}: give each a folder of its own.`,
    );
  }
}
