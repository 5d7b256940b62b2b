import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { lintStorage, storagePromises } from '../../lib/testing/index.js';
import { brokenCommits } from './broken/commits.js';
import { brokenFiles } from './broken/files.js';
import { brokenKeys } from './broken/keys.js';
import { brokenStagings } from './broken/stagings.js';

const brokenStorages = [...brokenCommits(), ...brokenFiles(), ...brokenKeys(), ...brokenStagings()];

/** The sentences of the promises that a storage breaks. */
async function complaintsAbout(storage: MemoryStorage): Promise<string[]> {
  const message = await lintStorage(storage).then(
    () => '',
    (error: unknown) => (error instanceof AggregateError ? error.message : String(error)),
  );
  return storagePromises
    .map(({ sentence }) => sentence)
    .filter((sentence) => message.includes(`- ${sentence} (`));
}

describe('lintStorage', () => {
  it('has nothing to say about a storage that keeps its promises', async () => {
    expect(await complaintsAbout(new MemoryStorage())).toEqual([]);
  });

  it.each(brokenStorages)('finds out a storage that %s', async (_fault, Storage, promise) => {
    const complaints = await complaintsAbout(new Storage());
    expect(complaints).toContainEqual(expect.stringContaining(promise));
    expect(complaints.length).toBeLessThan(storagePromises.length);
  });

  it('has a broken storage for every promise', () => {
    const proven = brokenStorages.map(([, , promise]) => promise);
    const unproven = storagePromises.filter(
      ({ sentence }) => !proven.some((promise) => sentence.startsWith(promise)),
    );
    expect(unproven).toEqual([]);
  });

  it('lists all that is broken in one error, with what was found', async () => {
    class Broken extends MemoryStorage {
      override delete(): Promise<void> {
        return Promise.reject(new Error('not implemented'));
      }
      override sweep(): Promise<number> {
        return Promise.resolve(7);
      }
    }
    await expect(lintStorage(new Broken())).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /^Broken breaks \d+ of \d+ promises:\n- (.|\n)*- delete\(\) takes .* \(not implemented\)/,
        ),
        errors: expect.arrayContaining([new Error('not implemented')]),
      }) as Error,
    );
  });
});
