import 'reflect-metadata';
import { fieldOf, PrivateImage } from '../../lib/entity/private-file.decorator.js';
import type { StoredFile } from '../../lib/file/stored-file.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { takeFile } from '../../lib/upload/file-intake.js';
import { cpuTime } from './cpu-time.js';

class Photo {
  @PrivateImage({ maxWidth: 2000, maxHeight: 2000 })
  file: StoredFile | null;
}

const target = () => ({
  field: fieldOf(Photo, 'file'),
  storage: new MemoryStorage(),
  maxFileSize: 10_000_000,
});

async function take(bytes: Uint8Array, pieceLength = bytes.length) {
  return takeFile(inPieces(bytes, pieceLength), 'a', target(), false);
}

async function* inPieces(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

function png(width: number, height: number): Buffer {
  const bytes = hex('89504e47 0d0a1a0a 0000000d 49484452 00000000 00000000 0806000000');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

/** A JPEG of these segments: each a marker, and what it holds. */
function jpeg(...segments: [marker: string, content?: Buffer][]): Buffer {
  return Buffer.concat([hex('ffd8'), ...segments.map(segment), Buffer.alloc(8000)]);
}

function segment([marker, content]: [marker: string, content?: Buffer]): Buffer {
  if (!content) return hex(marker);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length + 2);
  return Buffer.concat([hex(marker), length, content]);
}

function frame(width: number, height: number): Buffer {
  const content = hex('08 0000 0000 01 011100');
  content.writeUInt16BE(height, 1);
  content.writeUInt16BE(width, 3);
  return content;
}

const jfif: [string, Buffer] = ['ffe0', hex('4a46494600 0101 00 0001 0001 00 00')];
const fakeFrame = Buffer.concat([hex('01 0004 4141'), segment(['ffc0', frame(30, 20)])]);

/** A TIFF whose directory says that it has `count` of these entries. */
function tiff(
  count: number,
  entries: [tag: number, value: number][],
  type = 4,
  values = 1,
): Buffer {
  const bytes = Buffer.alloc(10 + entries.length * 12 + 20);
  hex('49492a00 08000000').copy(bytes);
  bytes.writeUInt16LE(count, 8);
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 10 + index * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(values, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  }
  return bytes;
}

/** The same, with `size` bytes of pixels before its directory, as most programs write it. */
function tiffWithPixelsFirst(size: number, directory: Buffer): Buffer {
  const head = hex('49492a00 00000000');
  head.writeUInt32LE(8 + size, 4);
  return Buffer.concat([head, Buffer.alloc(size), directory.subarray(8)]);
}

/** An icon whose directory says 16 x 16 for each of these images. */
function icon(...images: Buffer[]): Buffer {
  const head = Buffer.alloc(6 + images.length * 16);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, image] of images.entries()) {
    hex('1010 0000 0100 2000').copy(head, 6 + index * 16);
    head.writeUInt32LE(image.length, 14 + index * 16);
    head.writeUInt32LE(offset, 18 + index * 16);
    offset += image.length;
  }
  return Buffer.concat([head, ...images]);
}

function bitmap(width: number, height: number, length = 1064): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(40, 0);
  bytes.writeInt32LE(width, 4);
  bytes.writeInt32LE(height * 2, 8); // the image and its mask
  return bytes;
}

function svg(attributes: string, prologue = ''): Buffer {
  return Buffer.from(`${prologue}<svg xmlns="http://www.w3.org/2000/svg" ${attributes}></svg>`);
}

/** A JPEG 2000 file that says one size in its header, and another in its codestream. */
function jp2([width, height]: [number, number], [realWidth, realHeight]: [number, number]): Buffer {
  const bytes = hex(
    '0000000c 6a502020 0d0a870a 00000014 66747970 6a703220 00000000 6a703220' +
      '0000001e 6a703268 00000016 69686472 00000000 00000000 0003 07 07 00 00' +
      '00000000 6a703263 ff4f ff51 002f 0000 00000000 00000000 00000000 00000000',
  );
  bytes.writeUInt32BE(height, 48);
  bytes.writeUInt32BE(width, 52);
  bytes.writeUInt32BE(realWidth, 78);
  bytes.writeUInt32BE(realHeight, 82);
  return Buffer.concat([bytes, Buffer.alloc(5000)]);
}

/** A box of ISO media files, as AVIF and HEIF are. */
function box(type: string, ...contents: Buffer[]): Buffer {
  const head = Buffer.from(`\0\0\0\0${type}`);
  const content = Buffer.concat(contents);
  head.writeUInt32BE(8 + content.length);
  return Buffer.concat([head, content]);
}

/** The same, with its length in eight bytes. */
function longBox(type: string, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const head = Buffer.from(`\0\0\0\x01${type}\0\0\0\0\0\0\0\0`);
  head.writeBigUInt64BE(BigInt(16 + content.length), 8);
  return Buffer.concat([head, content]);
}

const VERSION_0 = hex('00000000');
const brands = (...all: string[]) =>
  box('ftyp', Buffer.from(`${all[0] ?? ''}\0\0\0\0${all.join('')}`));
const AVIF = brands('avif', 'mif1');
const AVIS = brands('avis', 'avif', 'mif1');

function extent(width: number, height: number): Buffer {
  const content = hex('00000000 00000000 00000000');
  content.writeUInt32BE(width, 4);
  content.writeUInt32BE(height, 8);
  return content;
}

const ispe = (width: number, height: number) => box('ispe', extent(width, height));
const stills = (...properties: Buffer[]) =>
  box('meta', VERSION_0, box('hdlr'), box('iprp', box('ipco', ...properties), box('ipma')));

/** A sequence that says one size of its track, and another of the frames. */
function movie(
  [width, height]: [number, number],
  [frameWidth, frameHeight]: [number, number],
  version: 0 | 1 = 0,
): Buffer {
  const track = Buffer.alloc(version ? 96 : 84);
  track.writeUInt8(version);
  track.writeUInt16BE(width, track.length - 8);
  track.writeUInt16BE(height, track.length - 4);
  const frames = Buffer.alloc(70);
  frames.writeUInt16BE(frameWidth, 24);
  frames.writeUInt16BE(frameHeight, 26);
  const table = box('stsd', VERSION_0, hex('00000001'), box('av01', frames, box('av1C')));
  const media = box('mdia', box('hdlr'), box('minf', box('stbl', table)));
  return box('moov', box('mvhd'), box('trak', box('tkhd', track), media));
}

const PIXELS = box('mdat', Buffer.alloc(600_000));
const heif = (...boxes: Buffer[]) => Buffer.concat([...boxes, PIXELS]);

const SIZE = 'width="30" height="20"';
const licence = `<!-- ${'licence '.repeat(150)}-->`;

describe("an image's header", () => {
  it.each([
    ['a JPEG with fill bytes', jpeg(jfif, ['ffffffc0', frame(30, 20)])],
    ['a JPEG with markers that have no length', jpeg(['ff01'], ['ffd0'], ['ffc0', frame(30, 20)])],
    ['a progressive JPEG', jpeg(jfif, ['ffc4', Buffer.alloc(20)], ['ffc2', frame(30, 20)])],
    ['a JPEG with arithmetic coding', jpeg(jfif, ['ffcc', hex('0010')], ['ffc9', frame(30, 20)])],
    ['a TIFF', tiff(2, [[256, 30], [257, 20]])], // prettier-ignore
    ['a TIFF with short numbers', tiff(2, [[256, 30], [257, 20]], 3)], // prettier-ignore
    ['a TIFF with its pixels first', tiffWithPixelsFirst(3_000_000, tiff(2, [[256, 30], [257, 20]]))], // prettier-ignore
    ['an icon', icon(bitmap(30, 20))],
    ['an icon of several images', icon(bitmap(16, 16), bitmap(30, 20), png(20, 10))],
    ['an icon whose PNG comes late', icon(bitmap(16, 16, 70_000), png(30, 20))],
    ['an SVG after a long comment', svg(SIZE, `<?xml version="1.0"?>${licence}`)],
    ['an SVG with a long root', svg(`${'xmlns:a="urn:a" '.repeat(100)}${SIZE}`)],
    ['an SVG with commas in its view box', svg('viewBox="0, 0,30,20"')],
    ['an SVG with more than one space in its view box', svg('viewBox=" 0 0\n30  20 "')],
    ['a JPEG 2000', jp2([30, 20], [30, 20])],
    ['an AVIF', heif(AVIF, stills(box('av1C'), ispe(30, 20)))],
    ['an AVIF that is rotated and cropped', heif(AVIF, stills(ispe(30, 20), box('irot', hex('01')), box('clap', Buffer.alloc(32))))], // prettier-ignore
    ['an AVIF with long boxes', heif(AVIF, longBox('free'), longBox('meta', VERSION_0, longBox('iprp', longBox('ipco', longBox('ispe', extent(30, 20))))))], // prettier-ignore
    ['an AVIF whose size comes late', heif(AVIF, box('free', Buffer.alloc(400_000)), stills(ispe(30, 20)))], // prettier-ignore
    ['an AVIF whose first box is 256 bytes', heif(brands('avif', ...Array<string>(59).fill('mif1')), stills(ispe(30, 20)))], // prettier-ignore
    ['a HEIC of tiles, with a thumbnail', heif(brands('heic', 'mif1'), stills(ispe(8, 8), ispe(30, 20), ispe(12, 8)))], // prettier-ignore
    ['an animated AVIF', heif(AVIS, stills(ispe(30, 20)), movie([30, 20], [30, 20]))],
    ['an animated AVIF with a long track header', heif(AVIS, stills(ispe(15, 10)), movie([30, 20], [15, 10], 1))], // prettier-ignore
    ['an animated AVIF without a still image', heif(brands('avis', 'msf1'), movie([30, 20], [30, 20]))], // prettier-ignore
    ['an SVG in UTF-16', Buffer.from(`\uFEFF${svg(SIZE).toString()}`, 'utf16le')],
  ])('says its size: %s', async (_what, bytes) => {
    expect(await take(bytes)).toMatchObject({ width: 30, height: 20 });
  });

  it.each([1, 2, 7, 4096, 20_011])('of a TIFF that comes in pieces of %i bytes', async (length) => {
    const directory = tiff(2, [[256, 30], [257, 20]]); // prettier-ignore
    const upload = await take(tiffWithPixelsFirst(20_000, directory), length);
    expect(upload).toMatchObject({ width: 30, height: 20 });
  });

  it.each([
    ['a JPEG with a frame in a comment', jpeg(jfif, ['fffe', fakeFrame], ['ffc0', frame(9000, 9)])],
    ['a TIFF with entries after its last', tiff(2, [[256, 9000], [257, 20], [256, 30]])], // prettier-ignore
    ['a TIFF with its pixels first', tiffWithPixelsFirst(3_000_000, tiff(2, [[256, 9000], [257, 20]]))], // prettier-ignore
    ['an icon with a large PNG', icon(png(9000, 9000))],
    ['an icon with a large bitmap', icon(bitmap(16, 16), bitmap(9000, 9000))],
    ['a JPEG 2000 with a small header', jp2([30, 20], [9000, 20])],
    ['an AVIF whose second size is larger', heif(AVIF, stills(ispe(1, 1), ispe(9000, 20)))],
    ['an AVIF with a long box for its size', heif(AVIF, stills(ispe(1, 1), longBox('ispe', extent(9000, 20))))], // prettier-ignore
    ['an animated AVIF with a small still image', heif(AVIS, stills(ispe(1, 1)), movie([9000, 20], [1, 1]))], // prettier-ignore
    ['an animated AVIF with a small track', heif(AVIS, stills(ispe(1, 1)), movie([1, 1], [20, 9000]))], // prettier-ignore
    ['an animated AVIF that begins with its track', heif(AVIS, movie([1, 1], [1, 1]), stills(ispe(9000, 20)))], // prettier-ignore
    ['an AVIF of another brand with a track', heif(brands('mif1', 'avif', 'avis'), stills(ispe(1, 1)), movie([9000, 20], [1, 1]))], // prettier-ignore
    ['an AVIF that turns into an animated one', heif(AVIF, AVIS, stills(ispe(1, 1)), movie([9000, 20], [1, 1]))], // prettier-ignore
    ['an icon with a long PNG', icon(png(300, 300), png(9000, 1))],
    [
      'an SVG with a small one in a comment',
      svg('width="9000" height="9"', `<!-- <svg ${SIZE}> -->`),
    ],
  ])('is not believed where decoders read another: %s', async (_what, bytes) => {
    await expect(take(bytes)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
  });

  it.each([
    ['a JPEG with a stray byte', jpeg(jfif, ['fffe', fakeFrame], ['00'], ['ffc0', frame(9000, 9)])],
    ['a JPEG without a frame', jpeg(jfif, ['ffda', hex('010100003f00')], ['ffc0', frame(30, 20)])],
    ['a JPEG with a segment shorter than its length', jpeg(['ffe00001'], ['ffc0', frame(30, 20)])],
    ['a JPEG with a marker that means nothing', jpeg(['ff02', hex('00')], ['ffc0', frame(30, 20)])],
    ['a TIFF that says two widths', tiff(3, [[256, 9000], [257, 20], [256, 30]])], // prettier-ignore
    ['a TIFF with a list of widths', tiff(2, [[256, 30], [257, 20]], 4, 2)], // prettier-ignore
    ['a TIFF without a height', tiff(1, [[256, 30], [257, 20]])], // prettier-ignore
    ['a TIFF whose directory is missing', tiffWithPixelsFirst(3_000_000, Buffer.alloc(0))],
    ['a TIFF whose directory breaks off', tiffWithPixelsFirst(9000, tiff(2, [[256, 30], [257, 20]]).subarray(0, 12))], // prettier-ignore
    ['an icon without images', icon()],
    ['an icon that holds something else', icon(hex('ffd8ffe0'.repeat(20)))],
    ['an AVIF without a size', heif(AVIF, stills(box('av1C')))],
    ['an AVIF whose size is nowhere near', heif(AVIF, PIXELS, stills(ispe(30, 20)))],
    ['an AVIF with half a size', heif(AVIF, stills(box('ispe', extent(30, 20).subarray(0, 8)), ispe(30, 20)))], // prettier-ignore
    ['an AVIF whose sizes end elsewhere', heif(AVIF, stills(ispe(30, 20), hex('00000010 66726565')))], // prettier-ignore
    ['an AVIF with a box shorter than its header', heif(AVIF, stills(ispe(30, 20), hex('00000007 66726565')))], // prettier-ignore
    ['an AVIF with a long box shorter than its header', heif(AVIF, stills(ispe(30, 20), hex('00000001 66726565 000000000000000f')))], // prettier-ignore
    ['an AVIF with a box without an end', heif(AVIF, stills(ispe(30, 20), hex('00000000 66726565')))], // prettier-ignore
    ['an AVIF with an endless long box', heif(AVIF, stills(ispe(30, 20), hex('00000001 66726565 ffffffffffffffff')))], // prettier-ignore
    ['an animated AVIF whose track is nowhere near', heif(AVIS, stills(ispe(30, 20)), PIXELS, movie([30, 20], [30, 20]))], // prettier-ignore
    ['a Canon CR3', heif(brands('crx '), movie([30, 20], [30, 20]))],
    ['an SVG within one with a prefix', Buffer.from(`<x:svg ${SIZE}>${svg(SIZE).toString()}`)],
    ['an SVG in another image', Buffer.concat([Buffer.from('gimp xcf file\0'), svg(SIZE)])],
  ])('is refused when nobody can rely on it: %s', async (_what, bytes) => {
    await expect(take(bytes)).rejects.toMatchObject({ code: 'IMAGE_NOT_READABLE' });
  });

  it('of a TIFF is held against the limits as soon as it has come by', async () => {
    const head = tiff(2, [[256, 9000], [257, 20]]); // prettier-ignore
    let read = 0;
    async function* bytes() {
      for (let piece = head; read < 5_000_000; piece = Buffer.alloc(10_000)) {
        read += piece.length;
        yield piece;
      }
    }
    await expect(takeFile(bytes(), 'a', target(), false)).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
    });
    expect(read).toBeLessThan(100_000);
  });

  it('with thousands of boxes costs no time', async () => {
    const avif = (sizes: number) =>
      heif(
        AVIF,
        stills(Buffer.alloc(sizes * 20, ispe(10, 10))),
        Buffer.alloc(240_000, box('free')),
      );
    const started = cpuTime();
    expect(await take(avif(25_000))).toMatchObject({ width: 10, height: 10 });
    await expect(take(avif(30_000))).rejects.toMatchObject({ code: 'IMAGE_NOT_READABLE' });
    const tracks = box('moov', Buffer.alloc(400_000, box('trak')));
    await expect(take(heif(AVIS, tracks, tracks))).rejects.toMatchObject({
      code: 'IMAGE_NOT_READABLE',
    });
    expect(cpuTime() - started).toBeLessThan(1000);
  });
});
