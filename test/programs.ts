import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** `describe` for tests that need programs; skipped, loudly, where one is missing. With CI=true missing is failing. */
export function describeWith(...programs: string[]): jest.Describe {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return describe;
  if (process.env.CI === 'true')
    throw new Error(`These programs are not installed: ${missing.join(', ')}.`);
  process.stderr.write(`\n*** SKIPPED: not installed here: ${missing.join(', ')} ***\n`);
  return describe.skip;
}

function isInstalled(program: string): boolean {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
