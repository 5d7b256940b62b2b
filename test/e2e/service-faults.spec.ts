import {
  MemoryStorage,
  PrivateFile,
  PrivateStorageModule,
  PrivateStorageService,
  type StoredFile,
} from 'nestjs-private-storage';
import { stagedFile } from 'nestjs-private-storage/testing';
import { startApp, type RunningApp } from './app.js';

class Contract {
  @PrivateFile()
  text: StoredFile | null = null;

  @PrivateFile()
  scan: StoredFile | null = null;
}

/** A storage that does not let go of what it has. */
class StubbornStorage extends MemoryStorage {
  protected override async revertObject(): Promise<void> {
    throw new Error('revert broke');
  }

  protected override async deleteObject(): Promise<void> {
    throw new Error('delete broke');
  }
}

describe('PrivateStorageService with a storage that fails', () => {
  let running: RunningApp;
  let files: PrivateStorageService;
  const storage = new StubbornStorage();

  beforeAll(async () => {
    running = await startApp('express', { imports: [PrivateStorageModule.forRoot({ storage })] });
    files = running.app.get(PrivateStorageService);
  });

  afterAll(() => running.close());

  const contract = async (): Promise<Contract> =>
    Object.assign(new Contract(), {
      text: await stagedFile({ storage, name: 'text.txt' }),
      scan: await stagedFile({ storage, name: 'scan.png' }),
    });

  it('tells the app why the save failed, and not what failed after it', async () => {
    const save = (): Promise<never> => Promise.reject(new Error('UNIQUE constraint'));
    await expect(files.commit(await contract(), save)).rejects.toThrow('UNIQUE constraint');
  });

  it('does not fail a save that has succeeded', async () => {
    const saved = await files.commit(await contract());
    const old = saved.text;
    await files.replace(
      saved,
      'text',
      await stagedFile({ storage, name: 'new.txt' }),
      async () => undefined,
    );
    expect(saved.text).not.toEqual(old);
    await expect(files.delete(saved, async () => undefined)).resolves.toBeUndefined();
  });
});
