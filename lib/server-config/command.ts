import { parseArgs } from 'node:util';
import { ConfigurationError } from '../private-storage.errors.js';
import { CONFIGURED_SERVERS, isConfiguredServer, serverConfig } from './server-config.js';
import type { ServerSiteStorage } from './server-site.js';

/** What a run of the command prints, and its exit code: 2 when it was called in a wrong way. */
export interface CommandResult {
  readonly exitCode: 0 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

const HELP = `Usage: nestjs-private-storage server-config <${CONFIGURED_SERVERS.join('|')}> --storage <name>=<folder> [options]

Prints the configuration with which a web server sends the files of an app's private storages.

  --storage <name>=<folder>      a storage and its root; "default" is the one at the top of forRoot()
  --signed <name>=<origin>       a storage whose signed URLs nginx fetches, such as
                                 invoices=https://invoices.s3.eu-central-1.amazonaws.com
  --internal-url <name>=<path>   nginx: the internalUrl of that storage's NginxServer
                                 (default /private-x-accel-redirect/<name>/)
  --resolver <address>           nginx: the DNS server that finds the hosts of --signed
  --listen <[address:]port>      where the web server listens (default 80)
  --upstream <url>               where the app listens (default http://127.0.0.1:3000)
  --help                         prints this

Example:
  npx nestjs-private-storage server-config nginx --storage default=/srv/private-media > /etc/nginx/conf.d/app.conf
`;

const OPTIONS = {
  storage: { type: 'string', multiple: true, default: [] as string[] },
  signed: { type: 'string', multiple: true, default: [] as string[] },
  'internal-url': { type: 'string', multiple: true, default: [] as string[] },
  resolver: { type: 'string' },
  listen: { type: 'string', default: '80' },
  upstream: { type: 'string', default: 'http://127.0.0.1:3000' },
  help: { type: 'boolean', default: false },
} as const;

/** `nestjs-private-storage` with the given arguments. Never throws for what a user may type. */
export function runCommand(args: string[]): CommandResult {
  try {
    return { exitCode: 0, stdout: output(args), stderr: '' };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const stderr = `${error.message}\nSee: nestjs-private-storage --help\n`;
    return { exitCode: 2, stdout: '', stderr };
  }
}

function output(args: string[]): string {
  const { values, positionals } = parsed(args);
  if (values.help) return HELP;
  const [command, server, ...rest] = positionals;
  if (command !== 'server-config') {
    throw new ConfigurationError(
      command === undefined
        ? 'What is to be done? Write server-config and the name of a web server.'
        : `There is no command "${command}"; write server-config.`,
    );
  }
  if (server === undefined || !isConfiguredServer(server)) {
    throw new ConfigurationError(
      `Name the web server after server-config: one of ${CONFIGURED_SERVERS.join(', ')}.`,
    );
  }
  if (rest.length > 0) throw new ConfigurationError(`"${rest.join(' ')}" is one word too many.`);
  const { listen, upstream, resolver } = values;
  return serverConfig(server, { listen, upstream, resolver, storages: storagesOf(values) });
}

type Values = ReturnType<typeof parsed>['values'];

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new ConfigurationError(`${reason.replace(/\.$/, '')}.`, { cause });
  }
}

function storagesOf({ storage, signed, 'internal-url': urls }: Values): ServerSiteStorage[] {
  const internalUrls = new Map(pairs('internal-url', urls));
  const storages: ServerSiteStorage[] = [
    ...pairs('storage', storage).map(([name, root]) => ({ name, root })),
    ...pairs('signed', signed).map(([name, signedOrigin]) => ({ name, signedOrigin })),
  ].map((found) => ({ ...found, internalUrl: internalUrls.get(found.name) }));
  for (const name of internalUrls.keys()) {
    if (!storages.some((found) => found.name === name))
      throw new ConfigurationError(
        `--internal-url names the storage "${name}", which no --storage or --signed does.`,
      );
  }
  return storages;
}

function pairs(option: string, values: readonly string[]): [string, string][] {
  return values.map((value) => {
    const at = value.indexOf('=');
    if (at > 0) return [value.slice(0, at), value.slice(at + 1)];
    throw new ConfigurationError(
      `--${option} "${value}" is no <name>=<value>; write for example --storage default=/srv/private-media.`,
    );
  });
}
