import bytes from 'bytes';
import strftime from 'strftime';
import { isContentTypePattern } from '../file/content-types.js';
import { isEverDetected } from '../file/detected-types.js';
import { ConfigurationError } from '../private-storage.errors.js';

const SIZE = /^\d+(?:\.\d+)?\s*(?:[kmgtp]?b)?$/i;

/** A folder that a key may have: `%n` and `%t` make control characters. */
const FOLDER = /^[^.\\\p{Cc}\p{Cs}][^\\\p{Cc}\p{Cs}]*$/u;

/** Says of an option what is wrong with its value; undefined when nothing is. */
export type OptionCheck = (value: unknown) => string | undefined;

/** @throws ConfigurationError naming `where` and the option. */
export function assertOptions(
  options: object,
  checks: Readonly<Record<string, OptionCheck>>,
  where: string,
): void {
  assertKnown(options, Object.keys(checks), where);
  for (const [name, value] of Object.entries(options)) {
    const complaint = value === undefined ? undefined : checks[name]?.(value);
    if (complaint) throw new ConfigurationError(`${where}: ${name} ${complaint}.`);
  }
}

/** @throws ConfigurationError naming `where` and the option that is not `known`. */
export function assertKnown(options: unknown, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(`${where} is an object with these options: ${known.join(', ')}.`);
  }
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw new ConfigurationError(
    `${where}: unknown option "${unknown}"; there are: ${known.join(', ')}.`,
  );
}

/** The number of bytes that a number or text such as `20mb` stands for; undefined when it stands for none. */
export function byteCount(value: unknown): number | undefined {
  // bytes.parse() takes "20 megs" for 20 bytes.
  const isText = typeof value === 'string' && SIZE.test(value);
  const count = isText ? bytes.parse(value) : value;
  return Number.isSafeInteger(count) && Number(count) >= 0 ? Number(count) : undefined;
}

export const isByteCount: OptionCheck = (value) =>
  byteCount(value) === undefined
    ? `is a number of bytes or text such as "20mb", not ${JSON.stringify(value)}`
    : undefined;

export const isCount: OptionCheck = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0
    ? undefined
    : `is a whole number, 0 or more, not ${JSON.stringify(value)}`;

/** What Node's timers can wait: they fire at once for more. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

export const isMilliseconds: OptionCheck = (value) =>
  isCount(value) ??
  (Number(value) <= MAX_MILLISECONDS
    ? undefined
    : `is a number of milliseconds up to ${MAX_MILLISECONDS}, about 24 days, not ${String(value)}`);

export const isSwitch: OptionCheck = (value) =>
  typeof value === 'boolean' ? undefined : 'is true or false';

export const isName: OptionCheck = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'is a non-empty string';

export const isSubfolder: OptionCheck = (value) =>
  typeof value === 'function'
    ? undefined
    : 'is a function that returns a list of folders, such as (dossier) => [dossier.customer]';

export const isPixelCount: OptionCheck = (value) =>
  typeof value === 'number' && value > 0 ? undefined : 'is a number of pixels above 0';

export const isFileNaming: OptionCheck = (value) =>
  value === 'keep' || value === 'random' || typeof value === 'function'
    ? undefined
    : "is 'keep', 'random' or a function that returns a name";

export const isGuardList: OptionCheck = (value) =>
  Array.isArray(value) && value.every((guard) => typeof guard === 'function')
    ? undefined
    : 'is a list of guard classes';

/** A relative folder whose segments are keys' segments once strftime has been through them. */
export const isFolder: OptionCheck = (value) => {
  if (typeof value === 'function' || value === '') return undefined;
  const isKey =
    typeof value === 'string' &&
    strftime
      .utc()(value, new Date())
      .split('/')
      .every((segment) => FOLDER.test(segment));
  return isKey
    ? undefined
    : `is a function, or a folder such as "dossiers/%Y/%m" without a slash or dot at its start or a slash at its end, not ${JSON.stringify(value)}`;
};

export const isMediaTypeList: OptionCheck = (value) => {
  if (!Array.isArray(value) || value.length === 0) {
    return 'is a list such as ["application/pdf", "image/*"]; leave it out to take every type';
  }
  const wrong: unknown = value.find((type) => !isContentTypePattern(type));
  if (wrong !== undefined) {
    return `has ${JSON.stringify(wrong)}, which is no media type; write one such as "application/pdf" or "image/*"`;
  }
  const unknown = (value as string[]).find((type) => !isEverDetected(type));
  return unknown === undefined
    ? undefined
    : `has "${unknown}", a type that no file is ever found to be of; write the name by which it is detected, such as "image/jpeg", "application/xml", "text/javascript" or "video/vnd.avi"`;
};

export const isImageTypeList: OptionCheck = (value) =>
  isMediaTypeList(value) ??
  ((value as string[]).every((type) => type.startsWith('image/'))
    ? undefined
    : 'of @PrivateImage() has images only, such as "image/png"; use @PrivateFile() for other files');
