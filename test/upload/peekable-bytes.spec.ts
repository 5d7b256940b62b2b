import { PeekableBytes } from '../../lib/upload/peekable-bytes.js';
import { heapUsed } from './heap-used.js';

const LENGTH = 400_000;

async function* oneByOne(bytes: Buffer, atEnd: () => void) {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
  atEnd();
}

it('costs little more than its bytes when they are sent one by one', async () => {
  const bytes = Buffer.alloc(LENGTH, 'abcdefg');
  const before = heapUsed();
  let during = 0;
  const source = new PeekableBytes(oneByOne(bytes, () => (during = heapUsed())));
  expect(bytes.subarray(0, 10).equals(await source.peek(10))).toBe(true);
  expect(bytes.equals(await source.peek(LENGTH + 1))).toBe(true);
  expect(during - before).toBeLessThan(10_000_000); // apart they take 100 bytes each
});
