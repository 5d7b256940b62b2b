import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeIf } from '../programs.js';

const mounted: string[] = [];

/** Mounts a file system that lives in memory; {@link unmountAll} takes it away. */
export function mountTmpfs(folder: string, options: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  mounted.push(folder);
}

export function remountReadOnly(folder: string): void {
  execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' });
}

export function unmountAll(): void {
  for (const folder of mounted.splice(0).reverse()) execFileSync('umount', [folder]);
}

/** `describe` for tests that mount file systems; see {@link describeIf}. */
export function describeWithMounts(what: string): jest.Describe {
  return describeIf(mayMount(), `no right to mount, for ${what}`);
}

function mayMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'nestjs-private-storage-mount-'));
  try {
    mountTmpfs(probe, 'size=64k');
    unmountAll();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}
