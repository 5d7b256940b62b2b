import { isStoredFile } from '../file/stored-file.js';
import { textForFile } from './text-fields.js';

/**
 * Holds a body that the app has parsed against what no request may bring: a `StoredFile`, wherever it is in the body,
 * since the entity would have whatever file it names; and anything in the place of a private property. Null there says
 * that there is to be no file any more, and empty text is taken off, as in a form.
 *
 * @throws UploadRefusedError `FILE_REQUIRED`
 */
export function assertNoFile(body: unknown, properties: ReadonlySet<string>): void {
  if (typeof body !== 'object' || body === null) return;
  for (const property of properties) {
    const value: unknown = Object.hasOwn(body, property) ? Reflect.get(body, property) : null;
    if (value === '') Reflect.deleteProperty(body, property);
    else if (value !== null) throw textForFile(property);
  }
  const [property = ''] = properties;
  for (const value of parsedIn(body)) if (isStoredFile(value)) throw textForFile(property);
}

/** A body and what is in it, as parsers make them. What else a middleware has put there, the app has made itself. */
function* parsedIn(body: object): Generator<object, void> {
  const found = new Set([body]); // goes on with what is added
  for (const value of found) {
    if (!isParsed(value)) continue;
    yield value;
    // With the value of an own `__proto__`, which JSON.parse() makes.
    for (const inner of Object.values(value) as unknown[])
      if (typeof inner === 'object' && inner !== null) found.add(inner);
  }
}

/** A list, or an object of no class; not asked with instanceof, since it may be of another realm. */
function isParsed(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
