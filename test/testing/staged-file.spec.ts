import { createHash } from 'node:crypto';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { stagedFile } from '../../lib/testing/index.js';

describe('stagedFile', () => {
  it('is an upload with defaults', async () => {
    const file = await stagedFile();
    expect(file).toMatchObject({
      storageName: 'default',
      name: 'file.txt',
      size: 7,
      contentType: 'text/plain',
      checksum: createHash('sha256').update('content').digest('hex'),
      width: undefined,
      isCommitted: false,
    });
  });

  it('is staged where the test wants it, and commits there', async () => {
    const storage = new MemoryStorage();
    const file = await stagedFile({
      storage,
      storageName: 'photos',
      name: 'cat.png',
      content: Buffer.from([1, 2, 3]),
      width: 640,
      height: 480,
    });
    expect(storage.stagedCount).toBe(1);
    expect(await file.commit('photos/cat.png')).toEqual({
      storage: 'photos',
      key: 'photos/cat.png',
      name: 'cat.png',
      size: 3,
      contentType: 'image/png',
      checksum: createHash('sha256')
        .update(Buffer.from([1, 2, 3]))
        .digest('hex'),
      width: 640,
      height: 480,
      uploadedAt: expect.any(String),
    });
    expect([storage.keys(), storage.stagedCount]).toEqual([['photos/cat.png'], 0]);
  });
});
