import { imageSize } from 'image-size';
import { assertImageSize } from '../entity/field-rules.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import { UploadRefusedError } from '../private-storage.errors.js';
import type { PeekableBytes } from './peekable-bytes.js';

const HEADS = [4 * 1024, 64 * 1024];
/** A JPEG may have previews and profiles before its size. Others not: image-size takes seconds for a hostile AVIF. */
const JPEG_HEADS = [...HEADS, 512 * 1024];

interface ImageDimensions {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/**
 * The size of an image, from its header: nothing is unpacked.
 *
 * @throws UploadRefusedError `IMAGE_NOT_READABLE`, or `IMAGE_TOO_LARGE` when the field allows no such size
 */
export async function imageDimensions(
  source: PeekableBytes,
  field: PrivateFileField,
): Promise<ImageDimensions> {
  let cause: unknown;
  const [first, second] = await source.peek(2);
  for (const length of first === 0xff && second === 0xd8 ? JPEG_HEADS : HEADS) {
    const head = await source.peek(length);
    try {
      const { width, height } = imageSize(new Uint8Array(head)); // a copy: it reads on into whatever memory follows
      if (!(width > 0 && height > 0)) throw new TypeError('An image without a pixel.');
      assertImageSize(field, width, height);
      return { width, height };
    } catch (error) {
      if (error instanceof UploadRefusedError) throw error;
      cause = error;
    }
    if (head.length < length) break;
  }
  const details = { field: field.property };
  throw new UploadRefusedError('IMAGE_NOT_READABLE', 'The image cannot be read.', details, {
    cause,
  });
}
