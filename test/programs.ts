import { isInstalled } from './is-installed.js';

/** `describe` for tests that need programs; see {@link describeIf}. */
export function describeWith(...programs: string[]): jest.Describe {
  const missing = programs.filter((program) => !isInstalled(program));
  return describeIf(missing.length === 0, `not installed here: ${missing.join(', ')}`);
}

/** `describe` for tests that need more than npm. Where it is missing they say so, loudly; with CI=true they fail. */
export function describeIf(isThere: boolean, otherwise: string): jest.Describe {
  return canTest(isThere, otherwise) ? describe : describe.skip; // never with CI=true: canTest() throws
}

/** As {@link describeIf}, for one test. */
export function itIf(isThere: boolean, otherwise: string): jest.It {
  return canTest(isThere, otherwise) ? it : it.skip; // never with CI=true, as above
}

/** Whether tests can run that need more than npm; see {@link describeIf}. */
export function canTest(isThere: boolean, otherwise: string): boolean {
  if (isThere) return true;
  if (process.env.CI === 'true') throw new Error(`Tests cannot run: ${otherwise}.`);
  process.stderr.write(`\n*** SKIPPED: ${otherwise} ***\n`);
  return false;
}
