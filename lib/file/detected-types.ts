import { supportedMimeTypes } from 'file-type';
import mime from 'mime-types';
import { essenceOf, UNKNOWN_CONTENT_TYPE } from './content-types.js';

const TEXTUAL =
  /^text\/|[/+](?:json|yaml|toml|sql|x-sql|javascript|ecmascript|x-sh|x-subrip|json5|ndjson|x-ndjson|x-tex|x-latex|graphql)$/;

const DETECTED = new Set([
  ...[...supportedMimeTypes].map(essenceOf),
  ...Object.values(mime.types).filter(isTextType),
  ...['application/msword', 'application/xhtml+xml', 'image/svg+xml', UNKNOWN_CONTENT_TYPE],
]);

/** Whether it is a type of text, which a file's name may say. */
export function isTextType(contentType: string): boolean {
  return TEXTUAL.test(contentType);
}

/**
 * Whether a file can be found to be of a media type, or of a kind such as `image/*`. Many have two names, of which
 * detection knows one: `image/jpeg` is found, `image/jpg` is not, nor is `text/xml`.
 */
export function isEverDetected(pattern: string): boolean {
  if (pattern.startsWith('application/vnd.')) return true; // an Office file names its own
  if (!pattern.endsWith('/*')) return DETECTED.has(pattern);
  return [...DETECTED].some((type) => type.startsWith(pattern.slice(0, -1)));
}
