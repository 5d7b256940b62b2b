import { ConfigurationError } from '../private-storage.errors.js';
import type { FileStorage } from '../storage/file-storage.js';

/** Below the root, unreserved characters (RFC 3986) only, no segment of dots, a slash at its end. */
const INTERNAL_URL = /^(?:\/(?!\.{1,2}\/)[\w.~-]+)+\/$/;

export function isInternalUrl(url: string): boolean {
  return INTERNAL_URL.test(url);
}

/** Each storage has one of its own, since each has a root of its own. */
export function defaultInternalUrl(storageName: string): string {
  return `/private-x-accel-redirect/${storageName}/`;
}

/** Whether one is the other, or lies below it. */
export function areNested(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** A storage that a web server finds under an internal URL. */
interface Claim {
  readonly url: string;
  readonly storageName: string;
  readonly storage: FileStorage;
}

/** The internal URLs of one app. Two storages under one URL would be served from one root: the wrong one. */
export class InternalUrls {
  private readonly claims: Claim[] = [];

  /** @throws ConfigurationError when another storage has the URL, or one above or below it. */
  claim(url: string, storageName: string, storage: FileStorage): void {
    const other = this.claims.find(
      (claim) =>
        areNested(claim.url, url) && !(claim.url === url && isSamePlace(claim.storage, storage)),
    );
    if (other) {
      throw new ConfigurationError(
        `The storages "${other.storageName}" and "${storageName}" have the same internalUrl, or one that lies below the ` +
          `other's (${other.url}, ${url}), so the web server would send one's files for the other's; leave internalUrl ` +
          `out, or give each its own: new NginxServer({ internalUrl: '${defaultInternalUrl(storageName)}' }).`,
      );
    }
    const isKnown = this.claims.some((claim) => claim.url === url && claim.storage === storage);
    if (!isKnown) this.claims.push({ url, storageName, storage });
  }
}

/**
 * Under a download route's path the web server would answer in the place of the app, or the app in its.
 *
 * @throws ConfigurationError
 */
export function assertApart(internalUrl: string, baseUrl: string | undefined): void {
  if (baseUrl === undefined) return;
  if (!areNested(internalUrl, `${baseUrl}/`)) return;
  throw new ConfigurationError(
    `The internalUrl ${internalUrl} and the baseUrl ${baseUrl} are the same, or one lies below the other; ` +
      `the web server keeps internal URLs from clients, so choose another one.`,
  );
}

/** Two storages with one root may share a URL. */
function isSamePlace(one: FileStorage, other: FileStorage): boolean {
  const path = one.localPath('file');
  return one === other || (path !== undefined && path === other.localPath('file'));
}
