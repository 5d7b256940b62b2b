import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';

/** A variable that is set to nothing counts as missing. */
const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));

/** What the environment says; every variable has a default that works on a fresh machine. */
export const settings = {
  port: number('PORT', 3000),
  host: env.HOST ?? '127.0.0.1',
  folder: resolve(env.DATA_DIR ?? join(import.meta.dirname, '../../sample-app/data')),
  maxFileSize: number('MAX_FILE_SIZE', 20 * 1024 * 1024),
  httpAdapter: choice('HTTP_ADAPTER', ['express', 'fastify']),
  /** Without it files leave as their storage sends them. */
  fileServer:
    env.FILE_SERVER === undefined
      ? undefined
      : choice('FILE_SERVER', ['stream', 'nginx', 'apache', 'lighttpd', 'caddy']),
  storage: choice('STORAGE', ['local', 's3']),
  s3: {
    endpoint: env.S3_ENDPOINT,
    region: env.S3_REGION ?? 'us-east-1',
    bucket: env.S3_BUCKET ?? 'private-media',
    accessKeyId: env.S3_ACCESS_KEY ?? '',
    secretAccessKey: env.S3_SECRET_KEY ?? '',
    delivery: choice('S3_DELIVERY', ['redirect', 'proxy']),
  },
  jwtSecret: env.JWT_SECRET ?? randomBytes(32).toString('hex'),
};

function number(name: string, fallback: number): number {
  const value = Number(env[name] ?? fallback);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${name} is a whole number, not "${env[name]}".`);
}

function choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
  const value = env[name] ?? choices[0];
  const chosen = choices.find((candidate) => candidate === value);
  if (chosen) return chosen;
  throw new Error(`${name} is one of ${choices.join(', ')}, not "${value}".`);
}
