import type { PixelSize } from './pixel-size.js';

const BOX_HEADER_BYTES = 8;
const LONG_BOX_HEADER_BYTES = 16;
/** Said of a box whose length comes behind its type, in eight bytes (ISO 14496-12, section 4.2.2). */
const IS_LONG = 1;
const STILL_BRANDS = ['avif', 'mif1', 'heic', 'heix'];
/** Of these, decoders show the track (AVIF 1.1, section 6.3; ISO 23008-12, section 7), and some the still image. */
const SEQUENCE_BRANDS = ['avis', 'msf1', 'hevc', 'hevx'];

/** The boxes on the way to a size, and those within them that go on. */
const WAYS = new Map([
  ['meta', ['iprp']],
  ['iprp', ['ipco']],
  ['ipco', ['ispe']],
  ['moov', ['trak']],
  ['trak', ['tkhd', 'mdia']],
  ['mdia', ['minf']],
  ['minf', ['stbl']],
  ['stbl', ['stsd']],
  ['stsd', ['av01', 'hvc1', 'hev1']],
]);
/** Before the boxes in a box: its version, and the number of them. */
const BYTES_BEFORE_BOXES = new Map([
  ['meta', 4],
  ['stsd', 8],
]);
const SIZES = new Map<string, (content: Buffer) => PixelSize>([
  ['ispe', sizeOfStill],
  ['tkhd', sizeOfTrack],
  ['av01', sizeOfFrames],
  ['hvc1', sizeOfFrames],
  ['hev1', sizeOfFrames],
]);

type Box = [type: string, content: Buffer];

/**
 * What holds every image of an AVIF or HEIF file: the tiles of one and the whole, thumbnails, the frames of a sequence.
 * Which of them is shown is left to the decoder. As they are stored: neither rotated nor cropped.
 *
 * @throws TypeError, or RangeError when it breaks off before
 */
export function heifSize(heif: Buffer): PixelSize {
  const missing = new Set<string>();
  let [width, height] = [0, 0];
  for (const [type, content] of boxesIn(heif)) {
    if (type === 'ftyp') for (const needed of neededBy(content)) missing.add(needed); // some decoders take a second
    if (type === 'meta' || type === 'moov')
      for (const size of sizesIn(type, content)) {
        width = Math.max(width, size.width);
        height = Math.max(height, size.height);
      }
    missing.delete(type);
    if (missing.size === 0) return { width, height };
  }
  throw new TypeError('A HEIF file without all of its sizes.');
}

/** Decoders read on until they have these, and take what they say wherever they are. */
function neededBy(fileType: Buffer): string[] {
  const brands = fileType.toString('latin1').match(/[^]{4}/g) ?? [];
  const isSequence = brands.some((brand) => SEQUENCE_BRANDS.includes(brand));
  const hasStill = !isSequence || brands.some((brand) => STILL_BRANDS.includes(brand));
  return [...(isSequence ? ['moov'] : []), ...(hasStill ? ['meta'] : [])];
}

function* sizesIn(type: string, content: Buffer): Generator<PixelSize, void> {
  const sizeOf = SIZES.get(type);
  if (sizeOf) yield sizeOf(content);
  const ways = WAYS.get(type);
  if (!ways) return;
  for (const [inner, innerContent] of boxesIn(content.subarray(BYTES_BEFORE_BOXES.get(type))))
    if (ways.includes(inner)) yield* sizesIn(inner, innerContent);
}

/** One without a length, which goes on to the end of the file, holds pixels: the standard has it nowhere else. */
function* boxesIn(parent: Buffer): Generator<Box, void> {
  for (let at = 0; at < parent.length;) {
    const shortLength = parent.readUInt32BE(at);
    const isLong = shortLength === IS_LONG;
    const length = isLong ? Number(parent.readBigUInt64BE(at + 8)) : shortLength;
    const headerBytes = isLong ? LONG_BOX_HEADER_BYTES : BOX_HEADER_BYTES;
    if (length < headerBytes || length > parent.length - at)
      throw new TypeError('A box that is no part of the one around it.');
    const type = parent.toString('latin1', at + 4, at + 8);
    yield [type, parent.subarray(at + headerBytes, at + length)];
    at += length;
  }
}

/** ISO 23008-12, section 6.5.3. */
function sizeOfStill(content: Buffer): PixelSize {
  return { width: content.readUInt32BE(4), height: content.readUInt32BE(8) };
}

/** ISO 14496-12, section 8.3.2: fixed-point numbers, after times whose length the version says. */
function sizeOfTrack(content: Buffer): PixelSize {
  const at = content.readUInt8(0) === 1 ? 88 : 76;
  return { width: content.readUInt16BE(at), height: content.readUInt16BE(at + 4) };
}

/** ISO 14496-12, section 12.1.3. */
function sizeOfFrames(content: Buffer): PixelSize {
  return { width: content.readUInt16BE(24), height: content.readUInt16BE(26) };
}
