import type { PixelSize } from './pixel-size.js';

const BOX_HEADER_BYTES = 8;
const LONG_BOX_HEADER_BYTES = 16;
/** Said of a box whose length comes behind its type, in eight bytes (ITU T.800, section I.4). */
const IS_LONG = 1;
/** The start of a codestream, and its size, which comes next (section A.5.1). */
const CODESTREAM = 0xff4fff51;

/**
 * The size in a JPEG 2000 file's first codestream. The file's header says one too; decoders take this one.
 *
 * @throws TypeError, or RangeError when it breaks off before
 */
export function jp2Size(jp2: Buffer): PixelSize {
  let at = 0;
  for (;;) {
    const length = jp2.readUInt32BE(at);
    if (jp2.toString('latin1', at + 4, at + 8) === 'jp2c')
      return sizeOfCodestream(
        jp2.subarray(at + (length === IS_LONG ? LONG_BOX_HEADER_BYTES : BOX_HEADER_BYTES)),
      );
    if (length < BOX_HEADER_BYTES) throw new TypeError('A JPEG 2000 file without a codestream.');
    at += length;
  }
}

function sizeOfCodestream(bytes: Buffer): PixelSize {
  if (bytes.readUInt32BE(0) !== CODESTREAM)
    throw new TypeError('A JPEG 2000 file of another kind.');
  return {
    width: bytes.readUInt32BE(8) - bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(12) - bytes.readUInt32BE(20),
  };
}
