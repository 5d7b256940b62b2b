import type { CanActivate, Type } from '@nestjs/common';

/** What a field of an entity demands of its files. Give the entity as type where a function reads it: `PrivateFile<Dossier>({...})`. */
export interface PrivateFileOptions<E extends object = object> {
  /** The name of the storage (default: the default storage). */
  readonly storage?: string;
  /**
   * The folder of new files, as a strftime pattern in UTC (`'dossiers/%Y/%m'`), or a function that returns the whole key,
   * file name included. Default: the storage's top.
   */
  readonly uploadTo?: string | ((entity: E, fileName: string) => string);
  /** More folders, put before the file name; each entry becomes one segment, whatever it holds. */
  readonly uploadSubfolder?: (entity: E) => readonly string[];
  /**
   * Media types to accept, such as `application/pdf` or `image/*` (default: all). They are read from the bytes: a name by
   * which none is ever detected, such as `image/jpg` or `text/xml`, is an error at start-up.
   */
  readonly contentTypes?: readonly string[];
  /** Bytes, or text such as `'20mb'` (a mb is 1,048,576 bytes). Default: the module's `uploads.maxFileSize`. */
  readonly maxFileSize?: number | string;
  /** What to call the stored file: as the uploader did (`keep`, default), 32 random hex digits (`random`), or a function's answer. */
  readonly fileName?: 'keep' | 'random' | ((entity: E, fileName: string) => string);
  /** Guards asked before an upload's body is read, with `action: 'upload'`. Default: the handler's own Nest guards only. */
  readonly guards?: readonly Type<CanActivate>[];
}

/** What a field demands of its images, besides what it may demand of any file; `contentTypes` is `image/*` by default. */
export interface PrivateImageOptions<E extends object = object> extends PrivateFileOptions<E> {
  /** The property that gets the width in pixels. */
  readonly widthField?: Extract<keyof E, string>;
  /** The property that gets the height in pixels. */
  readonly heightField?: Extract<keyof E, string>;
  /** In pixels. Default: no limit but `maxPixels`. */
  readonly maxWidth?: number;
  /** In pixels. Default: no limit but `maxPixels`. */
  readonly maxHeight?: number;
  /** Width times height (default 50,000,000): a small file can unpack into gigabytes. */
  readonly maxPixels?: number;
}
