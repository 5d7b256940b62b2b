import {
  assertOptions,
  byteCount,
  isByteCount,
  isCount,
  isMilliseconds,
  isSwitch,
  type OptionCheck,
} from '../entity/option-checks.js';
import type { UploadRefusedError } from '../private-storage.errors.js';

/** The message of a refusal in the words of the app; undefined keeps the library's, which is English. */
export type RefusalMessage = (refusal: UploadRefusedError, request: unknown) => string | undefined;

/**
 * What every upload is held to; the module's `uploads`. Sizes are bytes, or text such as `'20mb'` (a mb is 1,048,576
 * bytes). What a field says of its own files goes before.
 */
export interface UploadOptions {
  /** The size of a file whose field names no `maxFileSize` (default `'100mb'`). */
  readonly maxFileSize?: number | string;
  /**
   * The size of a whole request. Default: as much as the files, text fields and headers that the other limits allow can
   * take together, so that it need not be raised with them.
   */
  readonly maxTotalSize?: number | string;
  /** How many text fields (default 100). */
  readonly maxFields?: number;
  /** The size of a text field's value (default `'64kb'`). */
  readonly maxFieldSize?: number | string;
  /** The size of a field's name (default 200). */
  readonly maxFieldNameSize?: number | string;
  /** The size of one part's headers, the file's name among them (default `'8kb'`). */
  readonly maxHeaderSize?: number | string;
  /** Milliseconds without a byte from the client after which an upload is refused (default 30,000; 0 waits for ever). */
  readonly idleTimeout?: number;
  /** Compute the SHA-256 of every file while it arrives (default true). It costs about a third of an upload's CPU time. */
  readonly checksum?: boolean;
  /** How much of a refused upload is still read, so that the client gets round to reading the answer (default `'16mb'`). */
  readonly discardBytes?: number | string;
  /** Milliseconds that a refused upload's connection is kept open for the same reason (default 5,000). */
  readonly discardTime?: number;
  /**
   * Replaces or translates the messages that refused uploads are answered with. `refusal.code` is stable, and
   * `refusal.details` holds the field and the limit; `request` is the platform's, for its language. To change more of the
   * answer than its message, put an exception filter with `@Catch(UploadRefusedError)` on the controller.
   *
   * @example
   * message: ({ code, details }, request) => translations[languageOf(request)][code]?.(details.limit)
   */
  readonly message?: RefusalMessage;
}

/** {@link UploadOptions}, checked and complete; sizes in bytes. */
export interface ResolvedUploadOptions {
  readonly maxFileSize: number;
  readonly maxTotalSize?: number;
  readonly maxFields: number;
  readonly maxFieldSize: number;
  readonly maxFieldNameSize: number;
  readonly maxHeaderSize: number;
  readonly idleTimeout: number;
  readonly checksum: boolean;
  readonly discardBytes: number;
  readonly discardTime: number;
  readonly message?: RefusalMessage;
}

/** The injection token of the {@link ResolvedUploadOptions}. */
export const UPLOAD_OPTIONS = Symbol('nestjs-private-storage:uploads');

const DEFAULTS = {
  maxFileSize: '100mb',
  maxFields: 100,
  maxFieldSize: '64kb',
  maxFieldNameSize: 200,
  maxHeaderSize: '8kb',
  idleTimeout: 30_000,
  checksum: true,
  discardBytes: '16mb',
  discardTime: 5_000,
} as const;

const isMessage: OptionCheck = (value) =>
  typeof value === 'function'
    ? undefined
    : 'is a function that returns a text, such as ({ code }) => messages[code]';

const CHECKS: Readonly<Record<keyof UploadOptions, OptionCheck>> = {
  maxFileSize: isByteCount,
  maxTotalSize: isByteCount,
  maxFields: isCount,
  maxFieldSize: isByteCount,
  maxFieldNameSize: isByteCount,
  maxHeaderSize: isByteCount,
  idleTimeout: isMilliseconds,
  checksum: isSwitch,
  discardBytes: isByteCount,
  discardTime: isMilliseconds,
  message: isMessage,
};

/** @throws ConfigurationError when an option is unknown or no such value. */
export function uploadOptions(raw: UploadOptions = {}): ResolvedUploadOptions {
  assertOptions(raw, CHECKS, 'uploads');
  const given = Object.entries(raw).filter(([, value]) => value !== undefined);
  const options = Object.entries({ ...DEFAULTS, ...Object.fromEntries(given) });
  return Object.fromEntries(
    options.map(([name, value]) => [name, typeof value === 'string' ? byteCount(value) : value]),
  ) as unknown as ResolvedUploadOptions; // CHECKS has seen to it
}
