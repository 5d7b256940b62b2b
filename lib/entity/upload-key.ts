import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import strftime from 'strftime';
import { safeFileName } from '../file/file-names.js';
import { InvalidKeyError } from '../private-storage.errors.js';
import type { PrivateFileField } from './private-file.field.js';

const utc = strftime.utc();

/**
 * The key that an entity's new file asks for. What the entity says becomes whole segments, never a separator.
 *
 * @throws InvalidKeyError when a subfolder's entry is empty, or a function's answer is no key.
 */
export function uploadKey(
  field: PrivateFileField,
  entity: object,
  originalName: string,
  now = new Date(),
): string {
  const name = newName(field, entity, safeFileName(originalName));
  const { dir, base } = posix.parse(wholeKey(field, entity, name, now));
  return [dir, ...subfolders(field, entity), base].filter((part) => part !== '').join('/');
}

function wholeKey(
  { property, uploadTo }: PrivateFileField,
  entity: object,
  name: string,
  now: Date,
): string {
  if (typeof uploadTo === 'string') return posix.join(utc(uploadTo, now), name);
  const key = text(uploadTo(entity, name), `${property}: uploadTo returns the whole key`);
  if (!key.endsWith('/')) return key;
  throw new InvalidKeyError(
    `${property}: uploadTo returned a folder; return the whole key, file name included.`,
  );
}

function newName({ property, fileName }: PrivateFileField, entity: object, name: string): string {
  if (typeof fileName === 'function') {
    return safeFileName(text(fileName(entity, name), `${property}: fileName returns a name`));
  }
  return fileName === 'random'
    ? randomBytes(16).toString('hex') + posix.extname(name).toLowerCase()
    : name;
}

function subfolders({ property, uploadSubfolder }: PrivateFileField, entity: object): string[] {
  const segments: unknown = uploadSubfolder(entity);
  if (!Array.isArray(segments)) {
    throw new InvalidKeyError(`${property}: uploadSubfolder returns a list of folder names.`);
  }
  return segments.map((segment: unknown) =>
    safeFileName(
      text(segment, `${property}: each entry of uploadSubfolder is a name`).replace(/[/\\]/g, '_'),
    ),
  );
}

/** Functions of an app may answer with a property that is not set; a folder called `..` has no name to make safe. */
function text(value: unknown, sentence: string): string {
  if (typeof value === 'string' && /[^.\s]/.test(value)) return value;
  const found = typeof value === 'string' ? 'one without a letter' : typeof value;
  throw new InvalidKeyError(`${sentence}: a non-empty string, not ${found}.`);
}
