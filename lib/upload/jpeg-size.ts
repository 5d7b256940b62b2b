import type { PixelSize } from './pixel-size.js';

const FIRST_FRAME = 0xc0;
const LAST_FRAME = 0xcf;
/** Tables and an extension among the markers of frames (ITU T.81, table B.1). */
const NO_FRAMES = [0xc4, 0xc8, 0xcc];
/** Another image's start, the end of this one, and its pixels. */
const TOO_LATE = [0xd8, 0xd9, 0xda];

/**
 * The size in a JPEG's first frame. Decoders skip what stands between two segments, each in its own way: a file with
 * anything there could show one size here and another there.
 *
 * @throws TypeError, or RangeError when it breaks off before
 */
export function jpegSize(jpeg: Buffer): PixelSize {
  let at = 2;
  for (;;) {
    if (jpeg.readUInt8(at) !== 0xff) throw new TypeError('A JPEG with bytes between its segments.');
    while (jpeg.readUInt8(at) === 0xff) at++; // a marker may have fill bytes before it (section B.1.1.2)
    const marker = jpeg.readUInt8(at++);
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue; // these have no length
    if (marker < FIRST_FRAME || TOO_LATE.includes(marker))
      throw new TypeError('A JPEG without a frame.');
    if (marker <= LAST_FRAME && !NO_FRAMES.includes(marker))
      return { height: jpeg.readUInt16BE(at + 3), width: jpeg.readUInt16BE(at + 5) };
    at += jpeg.readUInt16BE(at);
  }
}
