import type { PixelSize } from './pixel-size.js';

const BIG_TIFF = 43;
const WIDTH = 256;
const HEIGHT = 257;
const SHORT = 3;
const LONG = 4;
const ENTRY_BYTES = 12;

/**
 * The size of a TIFF's first image (TIFF 6.0, section 2). Where it is said twice, decoders differ in which they take.
 *
 * @throws TypeError, or RangeError when it breaks off before
 */
export function tiffSize(tiff: Buffer): PixelSize {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const isLittleEndian = tiff[0] === 0x49;
  const short = (at: number) => view.getUint16(at, isLittleEndian);
  const long = (at: number) => view.getUint32(at, isLittleEndian);
  if (short(2) === BIG_TIFF) throw new TypeError('A TIFF made for more than 4 GiB.');
  const directory = long(4);
  const entries = Array.from(
    { length: short(directory) },
    (_, index) => directory + 2 + index * ENTRY_BYTES,
  );
  const numberOf = (tag: number) => {
    const [at, another] = entries.filter((entry) => short(entry) === tag);
    if (at !== undefined && another === undefined && long(at + 4) === 1) {
      if (short(at + 2) === SHORT) return short(at + 8);
      if (short(at + 2) === LONG) return long(at + 8);
    }
    throw new TypeError('A TIFF that does not say one size.');
  };
  return { width: numberOf(WIDTH), height: numberOf(HEIGHT) };
}
