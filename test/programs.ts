import { isInstalled } from './is-installed.js';

/** `describe` for tests that need programs; see {@link canTest}. */
export function describeWith(...programs: string[]): jest.Describe {
  const missing = programs.filter((program) => !isInstalled(program));
  return canTest(missing.length === 0, `not installed here: ${missing.join(', ')}`)
    ? describe
    : describe.skip; // canTest() has said so
}

/** Whether tests can run that need more than npm. If not it says so, loudly; with CI=true that is a failure. */
export function canTest(isThere: boolean, otherwise: string): boolean {
  if (isThere) return true;
  if (process.env.CI === 'true') throw new Error(`Tests cannot run: ${otherwise}.`);
  process.stderr.write(`\n*** SKIPPED: ${otherwise} ***\n`);
  return false;
}
