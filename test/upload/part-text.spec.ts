import { PartText } from '../../lib/upload/part-text.js';
import { heapUsed } from './heap-used.js';

const LENGTH = 400_000;

it('costs little more than its bytes when they are sent one by one', () => {
  const bytes = Buffer.alloc(LENGTH, 'abcdefg');
  const before = heapUsed();
  const text = new PartText();
  for (let at = 0; at < LENGTH; at++) text.add(bytes.subarray(at, at + 1));
  expect(heapUsed() - before).toBeLessThan(10_000_000); // apart they take 100 bytes each
  expect(text.size).toBe(LENGTH);
  expect(bytes.equals(text.bytes())).toBe(true);
});
