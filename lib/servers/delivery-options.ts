import type { Type } from '@nestjs/common';
import { validateHeaderValue } from 'node:http';
import { ConfigurationError } from '../private-storage.errors.js';
import { isContentTypePattern } from '../file/content-types.js';
import type { FileServer } from './file-server.js';

/** The servers that come with the library, by name. */
export type FileServerName = 'stream' | 'nginx' | 'apache' | 'lighttpd' | 'caddy' | 'redirect';

/** How files leave; a slice of each storage's options, and of an object download controller. */
export interface DeliveryOptions {
  /** An instance, a class that Nest makes, or a name. Default: the storage's `delivery`, which is `stream` on a disk. */
  readonly server?: FileServer | Type<FileServer> | FileServerName;
  /**
   * Media types that a browser may show in place; all others are downloaded. Default: {@link SAFE_INLINE_TYPES}.
   * Whatever is added here is shown under the app's own origin, in a sandbox: never add HTML, SVG or XML of strangers.
   */
  readonly inlineTypes?: readonly string[];
  /**
   * `Cache-Control` (RFC 9111; default `private, no-cache, no-transform`). It has to say `private` or `no-store`.
   * Without `no-transform` a compressing middleware makes ranges and resumed downloads useless.
   */
  readonly cacheControl?: string;
}

/** Media types that no browser runs anything in. */
export const SAFE_INLINE_TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/bmp',
  'audio/*',
  'video/*',
  'text/plain',
];

/** Clients may keep a copy but ask each time; proxies keep none; nobody compresses, which would break ranges. */
export const DEFAULT_CACHE_CONTROL = 'private, no-cache, no-transform';

/** @throws ConfigurationError naming the storage or controller `where`. */
export function assertDeliveryOptions(
  { inlineTypes, cacheControl }: DeliveryOptions,
  where: string,
): void {
  if (inlineTypes !== undefined) assertMediaTypes(inlineTypes, where);
  if (cacheControl !== undefined) assertPrivate(cacheControl, where);
}

function assertMediaTypes(types: unknown, where: string): void {
  if (!Array.isArray(types)) {
    throw new ConfigurationError(
      `${where}: inlineTypes is a list; write inlineTypes: [...SAFE_INLINE_TYPES, 'application/pdf'].`,
    );
  }
  const wrong = types.find((type) => !isContentTypePattern(type)) as unknown;
  if (wrong !== undefined) {
    throw new ConfigurationError(
      `${where}: inlineTypes has ${JSON.stringify(wrong)}; write media types such as "application/pdf" or "image/*".`,
    );
  }
}

/** A shared cache may keep an answer to a request with a cookie, unless it is told not to. */
function assertPrivate(cacheControl: string, where: string): void {
  const isPrivate =
    /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i.test(cacheControl) &&
    !/\bpublic\b/i.test(cacheControl);
  if (!isPrivate || !isHeaderValue(cacheControl)) {
    throw new ConfigurationError(
      `${where}: cacheControl has to keep the file out of shared caches; write "private, max-age=60" or "no-store", not "${cacheControl}".`,
    );
  }
}

function isHeaderValue(value: string): boolean {
  try {
    validateHeaderValue('Cache-Control', value);
    return true;
  } catch {
    return false;
  }
}
