import { isIP } from 'node:net';
import { ConfigurationError } from '../private-storage.errors.js';
import { areNested, defaultInternalUrl, isInternalUrl } from '../servers/internal-urls.js';

/** A storage whose files a web server sends: from a folder, or from a store that signs URLs. */
export interface ServerSiteStorage {
  /** As in the module's `storages`; `default` for the one at the top. */
  readonly name: string;
  /** The absolute path of the folder; `LocalStorage`'s `root`. */
  readonly root?: string;
  /** What `NginxServer` has as `internalUrl` (nginx only; default `/private-x-accel-redirect/<name>/`). */
  readonly internalUrl?: string;
  /** Where signed URLs lead to, such as `https://invoices.s3.eu-central-1.amazonaws.com` (nginx only). */
  readonly signedOrigin?: string;
}

/** A web server before an app. */
export interface ServerSite {
  /** Where the web server listens: `127.0.0.1:8080` or `8080`. */
  readonly listen: string;
  /** Where the app listens: `http://127.0.0.1:3000`. */
  readonly upstream: string;
  readonly storages: readonly ServerSiteStorage[];
  /** The DNS server that finds the hosts of `signedOrigin`s that are no IP addresses (nginx only). */
  readonly resolver?: string;
}

/** A checked site. */
export interface CheckedSite {
  readonly address: string;
  readonly port: string;
  readonly upstream: URL;
  readonly folders: readonly Folder[];
  readonly stores: readonly Store[];
  readonly resolver?: string;
}

export interface Folder {
  readonly name: string;
  /** Without a slash at its end. */
  readonly root: string;
  readonly internalUrl: string;
}

export interface Store {
  readonly name: string;
  readonly origin: URL;
  readonly internalUrl: string;
}

const LISTEN = /^(?:(?<address>[\w.-]+|\[[\da-fA-F:]+\]):)?(?<port>\d{1,5})$/;
/** Nothing that one of the configuration languages would read in its own way. */
const ROOT = /^(?:\/[\w.~+@-]+)+\/?$/;
const RESOLVER = /^[\w.:[\]-]+$/;

/** @throws ConfigurationError saying what to write instead. */
export function checkedSite({ listen, upstream, storages, resolver }: ServerSite): CheckedSite {
  const { address = '', port = '' } = LISTEN.exec(listen)?.groups ?? {};
  if (Number(port) < 1 || Number(port) > 65_535)
    throw wrong('listen', listen, '127.0.0.1:8080 or 8080');
  if (resolver !== undefined && !RESOLVER.test(resolver))
    throw wrong('resolver', resolver, '127.0.0.53');
  if (storages.length === 0)
    throw new ConfigurationError(
      'No storage is given; write for example default=/srv/private-media.',
    );
  assertDifferent(storages);
  const folders = storages.filter(({ signedOrigin }) => signedOrigin === undefined).map(folderOf);
  const stores = storages.flatMap((storage) => storeOf(storage) ?? []);
  const named = stores.find(({ origin }) => isIP(origin.hostname.replace(/^\[|\]$/g, '')) === 0);
  if (named && resolver === undefined) {
    throw new ConfigurationError(
      `nginx needs a DNS server to find ${named.origin.host}; give the one of this machine, such as resolver 127.0.0.53.`,
    );
  }
  return { address, port, upstream: upstreamOf(upstream), folders, stores, resolver };
}

/** nginx would send the files of one storage for the other's. */
function assertDifferent(storages: readonly ServerSiteStorage[]): void {
  const urls = storages.map((storage) => ({ name: storage.name, url: internalUrlOf(storage) }));
  const unprintable = storages.find(({ name }) => /\p{Cc}/u.test(name));
  if (unprintable) throw wrong('name of a storage', unprintable.name, 'it without line breaks');
  for (const [index, { name, url }] of urls.entries()) {
    const other = urls.slice(0, index).find(({ url: earlier }) => areNested(earlier, url));
    if (!other) continue;
    throw new ConfigurationError(
      other.name === name
        ? `The storage "${name}" is given twice.`
        : `The storages "${other.name}" and "${name}" have the same internal URL, or one that lies below the other's; give each its own.`,
    );
  }
}

function folderOf(storage: ServerSiteStorage): Folder {
  const { name, root = '' } = storage;
  if (!ROOT.test(root) || /\/\.{1,2}(?:\/|$)/.test(root))
    throw wrong(
      `root of the storage "${name}"`,
      root,
      'an absolute path such as /srv/private-media, without blanks or special characters',
    );
  return { name, root: root.replace(/\/$/, ''), internalUrl: internalUrlOf(storage) };
}

function storeOf(storage: ServerSiteStorage): Store | undefined {
  const { name, root, signedOrigin } = storage;
  if (signedOrigin === undefined) return undefined;
  if (root !== undefined)
    throw new ConfigurationError(
      `The storage "${name}" has a root and a signed origin; give the one that its files are in.`,
    );
  const origin = originOf(`signed origin of the storage "${name}"`, signedOrigin);
  return { name, origin, internalUrl: internalUrlOf(storage) };
}

function internalUrlOf({ name, internalUrl }: ServerSiteStorage): string {
  const url = internalUrl ?? defaultInternalUrl(name);
  if (!isInternalUrl(url))
    throw wrong(
      `internal URL of the storage "${name}"`,
      url,
      '/private-x-accel-redirect/invoices/',
    );
  return url;
}

/** Between the web server and the app there is no TLS: lighttpd has none there, the others would need certificates. */
function upstreamOf(value: string): URL {
  const url = originOf('upstream', value);
  if (url.protocol !== 'http:') throw wrong('upstream', value, 'http://127.0.0.1:3000');
  return url;
}

function originOf(what: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isOrigin =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.href === `${url.origin}/` &&
    /^[\w.:[\]-]+$/.test(url.host);
  if (!isOrigin) throw wrong(what, value, 'http://127.0.0.1:3000, without a path');
  return url;
}

function wrong(what: string, value: string, instead: string): ConfigurationError {
  return new ConfigurationError(`The ${what} "${value}" cannot be used; write ${instead}.`);
}
