import type { PixelSize } from './pixel-size.js';

const SIGNATURE = /^(?:II[*+]\0|MM\0[*+])/;
const BIG_TIFF = 43;
const WIDTH = 256;
const HEIGHT = 257;
const SHORT = 3;
const LONG = 4;
const ENTRY_BYTES = 12;
/** Over 5,000 entries; cameras write less than 100. */
const MAX_BYTES = 64 * 1024;

/** By its first four bytes. */
export function isTiff(head: Uint8Array): boolean {
  return SIGNATURE.test(Buffer.from(head.subarray(0, 4)).toString('latin1'));
}

/**
 * The directory of a TIFF's first image (TIFF 6.0, section 2). It stands anywhere in the file, for most programs behind
 * the pixels, and is picked from the bytes as they come by.
 */
export class TiffDirectory {
  /** Where in the file it begins. */
  readonly start: number;
  /** Where in the file it ends at the latest. */
  readonly end: number;
  private readonly isLittleEndian: boolean;
  private readonly bytes = Buffer.alloc(MAX_BYTES);
  private length = 0;

  /** @throws TypeError, or RangeError when `head`, the first 8 bytes, breaks off before */
  constructor(head: Buffer) {
    this.isLittleEndian = head[0] === 0x49;
    const view = viewOf(head);
    if (view.getUint16(2, this.isLittleEndian) === BIG_TIFF)
      throw new TypeError('A TIFF made for more than 4 GiB.');
    this.start = view.getUint32(4, this.isLittleEndian);
    this.end = this.start + MAX_BYTES;
  }

  /** Takes its own of bytes that stand at `position` of the file, and come in their order. Tells when it is whole. */
  add(bytes: Uint8Array, position: number): boolean {
    if (this.isWhole || position >= this.end || position + bytes.length <= this.start) return false;
    const own = bytes.subarray(Math.max(this.start - position, 0), this.end - position);
    this.bytes.set(own, this.length);
    this.length += own.length;
    return this.isWhole;
  }

  private get isWhole(): boolean {
    if (this.length < 2) return false;
    const count = viewOf(this.bytes).getUint16(0, this.isLittleEndian);
    return this.length >= Math.min(2 + count * ENTRY_BYTES, MAX_BYTES);
  }

  /** Where a size is said twice, decoders differ in which they take. @throws TypeError; RangeError when bytes are missing */
  size(): PixelSize {
    const view = viewOf(this.bytes.subarray(0, this.length));
    const short = (at: number) => view.getUint16(at, this.isLittleEndian);
    const long = (at: number) => view.getUint32(at, this.isLittleEndian);
    const entries = Array.from({ length: short(0) }, (_, index) => 2 + index * ENTRY_BYTES);
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
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
