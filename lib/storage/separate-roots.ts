import { ConfigurationError } from '../private-storage.errors.js';
import type { FileStorage } from './file-storage.js';

const ANY_KEY = 'a';

/**
 * Of storages on one disk or in one bucket, one in a folder of another's would be open to the other's keys, past its own
 * guards. Two may have the very same root: that is no oversight.
 *
 * @throws ConfigurationError
 */
export async function assertSeparateRoots(storages: readonly FileStorage[]): Promise<void> {
  if (storages.length === 1) return;
  const locations = await Promise.all(storages.map((storage) => storage.locationOf(ANY_KEY)));
  const roots = locations.flatMap((location) => location?.slice(0, -ANY_KEY.length) ?? []);
  for (const root of roots) {
    const inner = roots.find((other) => other !== root && other.startsWith(root));
    if (inner === undefined) continue;
    throw new ConfigurationError(
      `A storage has the root ${inner}, inside another's, ${root}: give each a folder of its own.`,
    );
  }
}
