// Prints the closing line of .ci/run, and fails if anything did:
//   node count.js RESULTS CHECKS_PASSED CHECKS_FAILED STATUS
// RESULTS is what `jest --json` wrote; it is empty if the tests never ran.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [file, ...numbers] = process.argv.slice(2);
const [checksPassed, checksFailed, status] = numbers.map(Number);

const tests = resultsOf(readFileSync(file, 'utf8'));

const passed = checksPassed + (tests?.numPassedTests ?? 0);
// A test file that could not even be loaded counts as one failure.
let failed = checksFailed + (tests?.numFailedTests ?? 0) + (tests?.numRuntimeErrorTestSuites ?? 0);
const skipped = (tests?.numPendingTests ?? 0) + (tests?.numTodoTests ?? 0);

// Something else went wrong: the installation, the build before the tests, or Jest itself.
if (failed === 0 && (status !== 0 || !tests?.success || tests.numTotalTests === 0)) failed = 1;

process.stdout.write(
  `\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = failed ? 1 : 0;

/** None where Jest was ended before it had written all. */
function resultsOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
