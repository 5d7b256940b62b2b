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
  const left: object[] = [body];
  for (let value = left.pop(); value; value = left.pop()) {
    if (isStoredFile(value)) throw textForFile(property);
    for (const inner of Object.values(value) as unknown[])
      // those of an own `__proto__` too
      if (typeof inner === 'object' && inner !== null) left.push(inner);
  }
}
