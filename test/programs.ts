import { isInstalled } from './is-installed.js';

/** `describe` for tests that need programs; see {@link describeIf}. */
export function describeWith(...programs: string[]): jest.Describe {
  const missing = programs.filter((program) => !isInstalled(program));
  return describeIf(missing.length === 0, `not installed here: ${missing.join(', ')}`);
}

/** `describe` for tests that need more than npm. Where it is missing they say so, loudly; with CI=true they fail. */
export function describeIf(isThere: boolean, otherwise: string): jest.Describe {
  return runIf(describe, isThere, otherwise);
}

/** As {@link describeIf}, for one test. */
export function itIf(isThere: boolean, otherwise: string): jest.It {
  return runIf(it, isThere, otherwise);
}

/** Whether tests can run that need more than npm; see {@link describeIf}. */
export function canTest(isThere: boolean, otherwise: string): boolean {
  if (isThere) return true;
  if (process.env.CI === 'true') throw new Error(`Tests cannot run: ${otherwise}.`);
  process.stderr.write(`\n*** SKIPPED: ${otherwise} ***\n`);
  return false;
}

/** `npm test` has to pass on a machine with npm alone, so what needs more is left out there; never with CI=true. */
function runIf<T extends { readonly skip: T }>(run: T, isThere: boolean, otherwise: string): T {
  return canTest(isThere, otherwise) ? run : run.skip;
}
