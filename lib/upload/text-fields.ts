import bytes from 'bytes';
import { UploadRefusedError } from '../private-storage.errors.js';

interface TextFieldLimits {
  readonly maxFields: number;
  readonly maxFieldSize: number;
  readonly maxFieldNameSize: number;
}

/** Names that would reach an object's prototype once an app assigns them. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** The text fields of one multipart body, on their way to `@Body()`. */
export class TextFields {
  private readonly values = new Map<string, string[]>();
  private readonly emptyFiles = new Set<string>();
  private count = 0;

  /** `fileNames`: fields that hold files, and so never text. */
  constructor(
    private readonly limits: TextFieldLimits,
    private readonly fileNames: ReadonlySet<string>,
  ) {}

  /** Counts a part that is no file, but for the one that says that a file is missing. @throws UploadRefusedError */
  begin(name: string): void {
    const { maxFields, maxFieldNameSize } = this.limits;
    const isEmptyFile = this.fileNames.has(name) && !this.emptyFiles.has(name);
    if (isEmptyFile) this.emptyFiles.add(name);
    else if (++this.count > maxFields) {
      throw new UploadRefusedError(
        'TOO_MANY_FIELDS',
        `There may be at most ${maxFields} text fields.`,
        { limit: maxFields },
      );
    }
    if (Buffer.byteLength(name) > maxFieldNameSize) {
      const sentence = `The name of a field may not be larger than ${String(bytes.format(maxFieldNameSize))}.`;
      throw new UploadRefusedError('FIELD_TOO_LARGE', sentence, { limit: maxFieldNameSize });
    }
    if (FORBIDDEN_NAMES.has(name))
      throw new UploadRefusedError('MALFORMED_UPLOAD', 'A field may not have this name.', {
        field: name,
      });
  }

  /** @throws UploadRefusedError when a value that is still arriving has become too large. */
  assertSize(field: string, size: number): void {
    const limit = this.limits.maxFieldSize;
    if (size <= limit) return;
    const sentence = `The text may not be larger than ${String(bytes.format(limit))}.`;
    throw new UploadRefusedError('FIELD_TOO_LARGE', sentence, { field, limit });
  }

  /** @throws UploadRefusedError when text was sent in the place of a file; scripts send an empty one for none. */
  add(name: string, value: string): void {
    if (this.fileNames.has(name)) {
      if (value === '') return;
      throw textForFile(name);
    }
    const values = this.values.get(name);
    if (values) values.push(value);
    else this.values.set(name, [value]);
  }

  /** A repeated name becomes a list; `a[b]` stays that name. */
  toObject(): Record<string, string | string[]> {
    return Object.fromEntries(
      [...this.values].map(([name, values]) => [
        name,
        values.length === 1 ? (values[0] ?? '') : values,
      ]),
    );
  }
}

/** What is said to whoever sends something else in the place of a file. */
export function textForFile(field: string): UploadRefusedError {
  return new UploadRefusedError('FILE_REQUIRED', 'A file is required, not text.', { field });
}
