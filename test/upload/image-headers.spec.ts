import 'reflect-metadata';
import { fieldOf, PrivateImage } from '../../lib/entity/private-file.decorator.js';
import type { StoredFile } from '../../lib/file/stored-file.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { takeFile } from '../../lib/upload/file-intake.js';

class Photo {
  @PrivateImage({ maxWidth: 2000, maxHeight: 2000 })
  file: StoredFile | null;
}

async function take(bytes: Uint8Array) {
  const target = {
    field: fieldOf(Photo, 'file'),
    storage: new MemoryStorage(),
    maxFileSize: 10_000_000,
  };
  return takeFile(oneChunk(bytes), 'a', target, false);
}

async function* oneChunk(bytes: Uint8Array) {
  yield bytes;
}

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

describe("an image's header", () => {
  it('with thousands of boxes costs no time', async () => {
    const box = (type: string, content: Buffer) => {
      const head = Buffer.from(`\0\0\0\0${type}`);
      head.writeUInt32BE(content.length + 8);
      return Buffer.concat([head, content]);
    };
    const sizes = box(
      'ipco',
      Buffer.alloc(14_000 * 20, box('ispe', hex('00000000 0000000a 0000000a'))),
    );
    const avif = Buffer.concat([
      box('ftyp', Buffer.from('avif\0\0\0\0avif')),
      box('meta', Buffer.concat([Buffer.alloc(4), box('iprp', sizes)])),
      Buffer.alloc(30_000 * 8, box('free', Buffer.alloc(0))),
    ]);
    const started = performance.now();
    await expect(take(avif)).rejects.toMatchObject({ code: 'IMAGE_NOT_READABLE' });
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
