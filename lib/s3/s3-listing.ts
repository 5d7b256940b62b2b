import type { _Object } from '@aws-sdk/client-s3';
import { ConfigurationError } from '../private-storage.errors.js';
import { listObjects, PAGE_OBJECTS } from './s3-objects.js';
import type { S3Place } from './s3-place.js';

/** Where `S3Storage.list()` goes on, and how far. */
export interface ListOptions {
  /** What the page before gave as its `after`; files with greater keys follow. */
  readonly after?: string | undefined;
  /** At most so many files, 1 to 1,000 (default 1,000). */
  readonly limit?: number;
}

/** A file in a list. */
export interface ListedFile {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly lastModified: Date;
}

/** A page of a list. It may have few files, or none, and still not be the last one. */
export interface ListedFiles {
  readonly files: readonly ListedFile[];
  /** For the next page; undefined after the last one. */
  readonly after?: string;
}

export async function listFiles(
  place: S3Place,
  prefix: string,
  { after, limit = PAGE_OBJECTS }: ListOptions,
): Promise<ListedFiles> {
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_OBJECTS)
    throw new ConfigurationError(`limit is a number of files, 1 to 1,000; not ${limit}.`);
  const start = after === undefined || after === '' ? undefined : place.nameOf(after);
  const { objects, next } = await listObjects(place, place.nameOf(prefix), start, limit);
  const files = objects.flatMap((object) => fileOf(place, object) ?? []);
  return next === undefined ? { files } : { files, after: next.slice(place.nameOf('').length) };
}

/** undefined for what is staged, and for what somebody else has put there. */
function fileOf(place: S3Place, { Key, Size, LastModified }: _Object): ListedFile | undefined {
  const key = Key === undefined ? undefined : place.keyOf(Key);
  if (key === undefined || Size === undefined || LastModified === undefined) return undefined;
  return { key, size: Size, lastModified: LastModified };
}
