import 'reflect-metadata';
import { fieldOf, PrivateImage } from '../../lib/entity/private-file.decorator.js';
import type { StoredFile } from '../../lib/file/stored-file.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { takeFile } from '../../lib/upload/file-intake.js';

class Photo {
  @PrivateImage({ maxWidth: 2000, maxHeight: 1000, maxPixels: 1_500_000 })
  file: StoredFile | null;
}

function png(width: number, height: number): Buffer {
  const bytes = Buffer.from('89504e470d0a1a0a0000000d4948445200000000000000000806000000', 'hex');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

/** A JPEG whose size comes after as much metadata as is given. */
function jpeg(width: number, height: number, metadata: number): Buffer {
  const application = Buffer.alloc(65_535 + 2);
  application.writeUInt32BE(0xffe2ffff, 0);
  const size = Buffer.from('ffc000110800000000030122000211010311010000', 'hex');
  size.writeUInt16BE(height, 5);
  size.writeUInt16BE(width, 7);
  const start = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
  return Buffer.concat([
    start,
    ...Array<Buffer>(metadata).fill(application),
    size,
    Buffer.alloc(2000),
  ]);
}

async function* inChunks(bytes: Buffer) {
  for (let start = 0; start < bytes.length; start += 10_000)
    yield bytes.subarray(start, start + 10_000);
}

describe('an image', () => {
  const take = (bytes: Buffer, storage = new MemoryStorage()) => {
    const target = { field: fieldOf(Photo, 'file'), storage, maxFileSize: 10_000_000 };
    return takeFile(inChunks(bytes), 'a.png', target, true);
  };

  it.each([
    ['a PNG', png(30, 20)],
    ['a JPEG', jpeg(30, 20, 0)],
    ['a JPEG with a profile', jpeg(30, 20, 1)],
    ['a JPEG with a profile and previews', jpeg(30, 20, 6)],
  ])('has the size that its header says: %s', async (_what, bytes) => {
    expect(await take(bytes)).toMatchObject({ width: 30, height: 20, size: bytes.length });
  });

  it.each([
    ['too wide', png(2001, 1), 'IMAGE_TOO_LARGE', 2000],
    ['too high', png(1, 1001), 'IMAGE_TOO_LARGE', 1000],
    ['a bomb', png(2000, 1000), 'IMAGE_TOO_LARGE', 1_500_000],
    ['without a pixel', png(0, 10), 'IMAGE_NOT_READABLE', undefined],
    ['cut', jpeg(30, 20, 2).subarray(0, 70_000), 'IMAGE_NOT_READABLE', undefined],
    ['hidden behind too much else', jpeg(30, 20, 9), 'IMAGE_NOT_READABLE', undefined],
    ['no image', Buffer.from('%PDF-1.7\n'), 'FILE_TYPE_NOT_SUPPORTED', undefined],
  ])('is refused when it is %s', async (_why, bytes, code, limit) => {
    const storage = new MemoryStorage();
    await expect(take(bytes, storage)).rejects.toMatchObject({
      code,
      details: { field: 'file', ...(limit === undefined ? {} : { limit }) },
    });
    expect(storage.stagedCount).toBe(0);
  });
});
