import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import strftime from 'strftime';
import { safeFileName } from '../file/file-names.js';
import { ConfigurationError } from '../private-storage.errors.js';
import type { PrivateFileField } from './private-file.field.js';

const utc = strftime.utc();

/** What follows the last dot of "Dr. Smith - result" is no extension: a random name would give the rest away. */
const EXTENSION = /\.[a-z0-9]{1,16}$/i;

/**
 * The key that an entity's new file asks for. What the entity says becomes whole segments, never a separator.
 *
 * @throws ConfigurationError when one of the field's functions returns something else than it should.
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
  throw new ConfigurationError(
    `${property}: uploadTo returned a folder; return the whole key, file name included.`,
  );
}

function newName({ property, fileName }: PrivateFileField, entity: object, name: string): string {
  if (typeof fileName === 'function') {
    return safeFileName(text(fileName(entity, name), `${property}: fileName returns a name`));
  }
  return fileName === 'random'
    ? randomUUID().replaceAll('-', '') + (EXTENSION.exec(name)?.[0].toLowerCase() ?? '')
    : name;
}

function subfolders({ property, uploadSubfolder }: PrivateFileField, entity: object): string[] {
  const segments: unknown = uploadSubfolder(entity);
  if (!Array.isArray(segments)) {
    throw new ConfigurationError(`${property}: uploadSubfolder returns a list of folder names.`);
  }
  return segments.map((segment: unknown) =>
    folderName(text(segment, `${property}: each entry of uploadSubfolder is a name`)),
  );
}

/** One segment, whatever the entity says: blank and `..` have no name to make safe. */
function folderName(name: string): string {
  const flat = name.replace(/[/\\]/g, '_');
  return /[^.\s]/.test(flat) ? safeFileName(flat) : '_';
}

/** Functions of an app may answer with a property that is not set. */
function text(value: unknown, sentence: string): string {
  if (typeof value === 'string') return value;
  throw new ConfigurationError(`${sentence}: a string, not ${typeof value}.`);
}
