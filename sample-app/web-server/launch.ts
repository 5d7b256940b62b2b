import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { serverConfig, type ServerSiteStorage } from 'nestjs-private-storage';
import { settings } from '../settings.js';
import { welcome } from '../welcome.js';
import { apache } from './apache.js';
import { caddy } from './caddy.js';
import { startWebServer } from './front.js';
import { installed } from './installed.js';
import { lighttpd } from './lighttpd.js';
import { nginx } from './nginx.js';
import { OwnProcess } from './own-process.js';
import { isListening, publicAddress, publicUrl, textOf } from './public-address.js';

export const WEB_SERVERS = { nginx, apache, lighttpd, caddy };

/**
 * Runs the app and a web server in front of it until `stop` is aborted, which lets running downloads finish.
 *
 * @throws Error when one of the two cannot start or ends by itself; the other is ended then.
 */
export async function launch(name: keyof typeof WEB_SERVERS, stop: AbortSignal): Promise<void> {
  const server = WEB_SERVERS[name];
  installed(server);
  const address = await publicAddress(settings);
  const child = startApp(name);
  const app = new OwnProcess('The app', child);
  try {
    const upstream = await Promise.race([app.running, urlOf(child, stop)]);
    const site = serverConfig(name, { listen: textOf(address), upstream, storages: storages() });
    const configuration = server.configuration(site, address);
    const folder = join(settings.folder, name);
    const front = new OwnProcess(server.program, startWebServer(server, folder, configuration));
    try {
      await Promise.race([app.running, front.running, isListening(address, stop)]);
      console.log(welcome(publicUrl(address)));
      await Promise.race([app.running, front.running, once(stop, 'abort')]);
    } finally {
      await front.end(stop.aborted ? server.stopSignal : 'SIGKILL');
    }
  } finally {
    await app.end('SIGTERM');
  }
}

/** The app tells its URL when it listens; only this machine can reach it. */
function startApp(fileServer: string): ChildProcess {
  return fork(join(import.meta.dirname, '../main.js'), {
    detached: true,
    env: { ...process.env, FILE_SERVER: fileServer, HOST: '127.0.0.1', PORT: '0' },
  });
}

async function urlOf(app: ChildProcess, signal: AbortSignal): Promise<string> {
  const [url] = (await once(app, 'message', { signal })) as [unknown];
  return String(url);
}

/** The storages of app.module.ts. They know their files by the real path. */
function storages(): ServerSiteStorage[] {
  const places = { default: 'private-media', invoices: 'private-invoices' };
  return Object.entries(places).map(([name, place]) =>
    settings.storage === 's3'
      ? { name, signedOrigin: settings.s3.endpoint }
      : { name, root: realpathSync(join(settings.folder, place)) },
  );
}
