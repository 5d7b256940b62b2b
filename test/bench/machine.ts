import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import process from 'node:process';
import { canPin } from './cores.js';
import { nginxVersion } from './servers/nginx.js';

const PACKAGES = ['@nestjs/core', 'express', 'fastify', '@fastify/static'];

/** What the numbers hold for. */
export function machine(folder: string): string {
  const cores = cpus(); // all of them: availableParallelism() knows of the pinning
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  const pinning = canPin
    ? 'server and client pinned to one core each'
    : 'not pinned: no taskset, or one core';
  return [
    `${model}, ${cores.length} cores (${pinning}), Linux ${release()}`,
    `Node ${process.version}, ${PACKAGES.map(withVersion).join(', ')}, nginx ${nginxVersion() ?? 'not installed'}`,
    `Files in ${folder}${folder.startsWith('/dev/shm/') ? ' (tmpfs)' : ''}`,
  ].join('\n');
}

function withVersion(name: string): string {
  const manifest = readFileSync(`node_modules/${name}/package.json`, 'utf8');
  return `${name} ${(JSON.parse(manifest) as { version: string }).version}`;
}
