import type { PixelSize } from './pixel-size.js';

const DIRECTORY_HEADER_BYTES = 6;
const ENTRY_BYTES = 16;
const PNG = 0x89504e47;
/** Of the bitmaps that Windows knows since version 3. */
const BITMAP_HEADER_BYTES = { least: 40, most: 124 };

/**
 * What holds every image of an icon or a cursor. Each image says its own size, and decoders take that one, not the
 * directory's.
 *
 * @throws TypeError, or RangeError when it breaks off before
 */
export function iconSize(icon: Buffer): PixelSize {
  const count = icon.readUInt16LE(4);
  let [width, height] = [0, 0];
  for (let index = 0; index < count; index++) {
    const entry = DIRECTORY_HEADER_BYTES + index * ENTRY_BYTES;
    const image = sizeOfImage(icon, icon.readUInt32LE(entry + 12));
    width = Math.max(width, image.width);
    height = Math.max(height, image.height);
  }
  return { width, height };
}

function sizeOfImage(icon: Buffer, at: number): PixelSize {
  if (icon.readUInt32BE(at) === PNG)
    return { width: icon.readUInt32BE(at + 16), height: icon.readUInt32BE(at + 20) };
  const headerBytes = icon.readUInt32LE(at);
  if (headerBytes < BITMAP_HEADER_BYTES.least || headerBytes > BITMAP_HEADER_BYTES.most)
    throw new TypeError('An icon with an image of another kind.');
  const withMask = Math.abs(icon.readInt32LE(at + 8));
  return { width: Math.abs(icon.readInt32LE(at + 4)), height: Math.ceil(withMask / 2) };
}
