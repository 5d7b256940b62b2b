import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PartText } from '../../lib/upload/part-text.js';

const LENGTH = 400_000;

v8.setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it('costs little more than its bytes when they are sent one by one', () => {
  const bytes = Buffer.alloc(LENGTH, 'abcdefg');
  const before = heapUsed();
  const text = new PartText();
  for (let at = 0; at < LENGTH; at++) text.add(bytes.subarray(at, at + 1));
  expect(heapUsed() - before).toBeLessThan(10_000_000); // apart they take 100 bytes each
  expect(text.size).toBe(LENGTH);
  expect(bytes.equals(text.bytes())).toBe(true);
});
