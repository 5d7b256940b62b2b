import { ConfigurationError } from '../private-storage.errors.js';
import { apacheSite } from './apache-site.js';
import { caddySite } from './caddy-site.js';
import { lighttpdSite } from './lighttpd-site.js';
import { nginxSite } from './nginx-site.js';
import { checkedSite, type CheckedSite, type ServerSite } from './server-site.js';

/** The web servers that a configuration can be written for. */
export type ConfiguredServer = 'nginx' | 'apache' | 'lighttpd' | 'caddy';

const SITES: Record<ConfiguredServer, (site: CheckedSite) => string> = {
  nginx: nginxSite,
  apache: apacheSite,
  lighttpd: lighttpdSite,
  caddy: caddySite,
};

export const CONFIGURED_SERVERS = Object.keys(SITES);

export function isConfiguredServer(name: string): name is ConfiguredServer {
  return Object.hasOwn(SITES, name);
}

/**
 * The part of a web server's configuration that makes it send the files of an app's storages: for nginx what goes into
 * the `http` block, for the others what goes into the file itself. It is what the library's tests run against.
 *
 * @throws ConfigurationError when the site cannot be served like that.
 * @example
 * serverConfig('nginx', {
 *   listen: '8080',
 *   upstream: 'http://127.0.0.1:3000',
 *   storages: [{ name: 'default', root: '/srv/private-media' }],
 * })
 */
export function serverConfig(server: ConfiguredServer, site: ServerSite): string {
  const store = site.storages.find(({ signedOrigin }) => signedOrigin !== undefined);
  if (server !== 'nginx' && store) {
    throw new ConfigurationError(
      `Only nginx fetches signed URLs by itself; leave out the storage "${store.name}", or write the configuration for nginx.`,
    );
  }
  return SITES[server](checkedSite(site));
}
