import { imageSize } from 'image-size';
import { assertImageSize } from '../entity/field-rules.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { UploadRefusedError } from '../private-storage.errors.js';
import { heifSize } from './heif-size.js';
import { iconSize } from './icon-size.js';
import { jp2Size } from './jp2-size.js';
import { jpegSize } from './jpeg-size.js';
import { markupType } from './markup-sniffer.js';
import type { PeekableBytes } from './peekable-bytes.js';
import type { PixelSize } from './pixel-size.js';
import { svgSize } from './svg-size.js';
import { decodeText } from './text-sniffer.js';
import { isTiff, TiffDirectory } from './tiff-directory.js';

const HEADS = [4 * 1024, 64 * 1024];
/** A JPEG may have previews before its size. Only for the readers here, which go through as much of it once. */
const LONG_HEADS = [...HEADS, 512 * 1024];
/** By the first bytes, in hex: the formats in which image-size takes another size than decoders do. */
const READERS: [signature: RegExp, sizeIn: (head: Buffer) => PixelSize][] = [
  [/^ffd8/, jpegSize],
  [/^0000000c6a502020/, jp2Size],
  [/^.{8}66747970/, heifSize], // before icons: an "ftyp" box of 256 bytes begins as they do
  [/^0000(?:01|02)00/, iconSize],
];

/**
 * The size of an image, from its header: nothing is unpacked. For a TIFF, whose size may stand behind its pixels, where
 * it is to be found.
 *
 * @throws UploadRefusedError `IMAGE_NOT_READABLE`, or `IMAGE_TOO_LARGE` when the field allows no such size
 */
export async function imageDimensions(
  source: PeekableBytes,
  field: PrivateFileField,
): Promise<PixelSize | TiffDirectory> {
  const start = asBuffer(await source.peek(8));
  if (isTiff(start)) return readable(field, () => new TiffDirectory(start));
  const signature = start.toString('hex');
  const reader = READERS.find(([pattern]) => pattern.test(signature))?.[1];
  let cause: unknown;
  for (const length of reader ? LONG_HEADS : HEADS) {
    const head = await source.peek(length);
    try {
      return checked(field, reader ? reader(asBuffer(head)) : sizeOfOthers(head));
    } catch (error) {
      if (error instanceof UploadRefusedError) throw error;
      cause = error;
    }
    if (head.length < length) break;
  }
  throw notReadable(field, cause);
}

/** What {@link imageDimensions} has found, once a TIFF's directory has come by. @throws as it does */
export function finalDimensions(
  found: PixelSize | TiffDirectory | undefined,
  field: PrivateFileField,
): PixelSize | undefined {
  if (!(found instanceof TiffDirectory)) return found;
  return readable(field, () => checked(field, found.size()));
}

function checked(field: PrivateFileField, { width, height }: PixelSize): PixelSize {
  if (!(width > 0 && height > 0)) throw new TypeError('An image without a pixel.');
  assertImageSize(field, width, height);
  return { width, height };
}

function readable<T>(field: PrivateFileField, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof UploadRefusedError ? error : notReadable(field, error);
  }
}

function notReadable(field: PrivateFileField, cause: unknown): UploadRefusedError {
  const details = { field: field.property };
  return new UploadRefusedError('IMAGE_NOT_READABLE', 'The image cannot be read.', details, {
    cause,
  });
}

function sizeOfOthers(head: Uint8Array): PixelSize {
  const text = decodeText(head);
  if (markupType(text) === 'image/svg+xml') return svgSize(text);
  const { type, width, height } = imageSize(new Uint8Array(head)); // a copy: it reads on into whatever memory follows
  if (type === 'svg') throw new TypeError('An <svg> in an image of another kind.');
  return { width, height };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
