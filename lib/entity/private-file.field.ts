import {
  assertOptions,
  byteCount,
  isByteCount,
  isFileNaming,
  isFolder,
  isGuardList,
  isImageTypeList,
  isMediaTypeList,
  isName,
  isPixelCount,
  isSubfolder,
} from './option-checks.js';
import type { PrivateFileOptions, PrivateImageOptions } from './private-file-options.js';

const DEFAULT_MAX_PIXELS = 50_000_000;

/** What `@PrivateImage()` adds to a field. */
export interface ImageRule {
  readonly widthField?: string;
  readonly heightField?: string;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly maxPixels: number;
}

/** A property that was declared private, with its options checked. */
export interface PrivateFileField {
  readonly property: string;
  readonly storage: string;
  readonly uploadTo: NonNullable<PrivateFileOptions['uploadTo']>;
  readonly uploadSubfolder: NonNullable<PrivateFileOptions['uploadSubfolder']>;
  readonly contentTypes?: readonly string[];
  /** In bytes. */
  readonly maxFileSize?: number;
  readonly fileName: NonNullable<PrivateFileOptions['fileName']>;
  readonly guards: NonNullable<PrivateFileOptions['guards']>;
  readonly image?: ImageRule;
}

const FILE_OPTIONS = {
  storage: isName,
  uploadTo: isFolder,
  uploadSubfolder: isSubfolder,
  contentTypes: isMediaTypeList,
  maxFileSize: isByteCount,
  fileName: isFileNaming,
  guards: isGuardList,
};
const IMAGE_OPTIONS = {
  ...FILE_OPTIONS,
  contentTypes: isImageTypeList,
  widthField: isName,
  heightField: isName,
  maxWidth: isPixelCount,
  maxHeight: isPixelCount,
  maxPixels: isPixelCount,
};

/** @throws ConfigurationError naming the property `where`. */
export function fileField(
  property: string,
  where: string,
  options: PrivateFileOptions,
): PrivateFileField {
  assertOptions(options, FILE_OPTIONS, where);
  return resolved(property, options);
}

/** @throws ConfigurationError naming the property `where`. */
export function imageField(
  property: string,
  where: string,
  options: PrivateImageOptions,
): PrivateFileField {
  assertOptions(options, IMAGE_OPTIONS, where);
  return {
    ...resolved(property, options),
    contentTypes: options.contentTypes ?? ['image/*'],
    image: {
      widthField: options.widthField,
      heightField: options.heightField,
      maxWidth: options.maxWidth ?? Infinity,
      maxHeight: options.maxHeight ?? Infinity,
      maxPixels: options.maxPixels ?? DEFAULT_MAX_PIXELS,
    },
  };
}

function resolved(property: string, options: PrivateFileOptions): PrivateFileField {
  return {
    property,
    storage: options.storage ?? 'default',
    uploadTo: options.uploadTo ?? '',
    uploadSubfolder: options.uploadSubfolder ?? (() => []),
    contentTypes: options.contentTypes,
    maxFileSize: byteCount(options.maxFileSize),
    fileName: options.fileName ?? 'keep',
    guards: options.guards ?? [],
  };
}
