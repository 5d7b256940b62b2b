import process from 'node:process';
import type { StoredFile } from 'nestjs-private-storage';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** What every server of the benchmark is told: handed to it through its environment. */
export interface ServerSettings {
  readonly adapter: Adapter;
  /** The folder that the files are in. */
  readonly root: string;
  /** The files, as an app's database would know them; each one's `key` is its path below the root. */
  readonly files: readonly StoredFile[];
  /** A folder for what is nginx's own, when it is to send the files. */
  readonly nginxFolder?: string;
}

const VARIABLE = 'BENCH_SETTINGS';

export function environmentOf(settings: ServerSettings): NodeJS.ProcessEnv {
  return { ...process.env, NODE_ENV: 'production', [VARIABLE]: JSON.stringify(settings) };
}

export function readSettings(): ServerSettings {
  return JSON.parse(process.env[VARIABLE] ?? '') as ServerSettings;
}
