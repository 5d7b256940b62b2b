import { ChunkQueue } from '../../lib/upload/chunk-queue.js';

it.each([
  ['bytes sent one by one', 1, 4096],
  ['large chunks', 65_536, 8],
])('holds %s before there are too many', async (_, length, most) => {
  const calls: string[] = [];
  const queue = new ChunkQueue({
    hold: () => void calls.push('hold'),
    release: () => void calls.push('release'),
  });
  let pushed = 0;
  for (; calls.length === 0 && pushed <= most; pushed++) queue.push(new Uint8Array(length));
  expect(pushed).toBeLessThanOrEqual(most);
  for (let read = 0; read < pushed; read++) await queue.next();
  expect(calls).toEqual(['hold', 'release']);
});
