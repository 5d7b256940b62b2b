import bytes from 'bytes';
import { matchesContentType } from '../file/content-types.js';
import type { StagedFile } from '../file/staged-file.js';
import { ConfigurationError, UploadRefusedError } from '../private-storage.errors.js';
import type { PrivateFileField } from './private-file.field.js';

/** @throws UploadRefusedError `FILE_TYPE_NOT_SUPPORTED` */
export function assertContentType(field: PrivateFileField, contentType: string): void {
  if (!field.contentTypes || matchesContentType(contentType, field.contentTypes)) return;
  throw new UploadRefusedError('FILE_TYPE_NOT_SUPPORTED', 'File type not supported.', {
    field: field.property,
    contentType,
  });
}

/** @throws UploadRefusedError `FILE_TOO_LARGE` */
export function assertFileSize(
  field: PrivateFileField,
  size: number,
  limit = field.maxFileSize,
): void {
  if (limit === undefined || size <= limit) return;
  throw new UploadRefusedError(
    'FILE_TOO_LARGE',
    `The file may not be larger than ${bytes.format(limit)}.`,
    {
      field: field.property,
      limit,
    },
  );
}

/** @throws UploadRefusedError `IMAGE_TOO_LARGE` */
export function assertImageSize(
  { property, image }: PrivateFileField,
  width: number,
  height: number,
): void {
  if (!image) return;
  const refuse = (sentence: string, limit: number): never => {
    throw new UploadRefusedError('IMAGE_TOO_LARGE', sentence, { field: property, limit });
  };
  if (width > image.maxWidth)
    refuse(`The image may not be wider than ${image.maxWidth} pixels.`, image.maxWidth);
  if (height > image.maxHeight)
    refuse(`The image may not be higher than ${image.maxHeight} pixels.`, image.maxHeight);
  if (width * height > image.maxPixels)
    refuse(`The image may not have more than ${image.maxPixels} pixels.`, image.maxPixels);
}

/** A staged file was checked under the rules of one field; before it goes into another it is held against that one's. */
export function assertFits(field: PrivateFileField, staged: StagedFile): void {
  if (staged.storageName !== field.storage) {
    throw new ConfigurationError(
      `${field.property} is kept in the storage "${field.storage}", but the file was uploaded into "${staged.storageName}"; ` +
        `give PrivateFileInterceptor the entity and field that the file is for.`,
    );
  }
  assertContentType(field, staged.contentType);
  assertFileSize(field, staged.size);
  if (!field.image) return;
  if (staged.width === undefined || staged.height === undefined) {
    throw new ConfigurationError(
      `${field.property} takes images, but the file was not received as one; ` +
        'give PrivateFileInterceptor the entity and field that the file is for.',
    );
  }
  assertImageSize(field, staged.width, staged.height);
}
