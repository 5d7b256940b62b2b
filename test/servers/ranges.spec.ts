import fc from 'fast-check';
import { selectRanges } from '../../lib/servers/ranges.js';

const span = (start: number, end: number): { start: number; end: number } => ({ start, end });

it.each([
  // header, size, answer
  ['bytes=0-0', 10, [span(0, 1)]],
  ['bytes=2-4', 10, [span(2, 5)]],
  ['bytes=7-', 10, [span(7, 10)]],
  ['bytes=7-99', 10, [span(7, 10)]],
  ['bytes=-3', 10, [span(7, 10)]],
  ['bytes=-99', 10, [span(0, 10)]],
  ['BYTES=2-4', 10, [span(2, 5)]],
  ['bytes=0-1, 4-5', 10, [span(0, 2), span(4, 6)]],
  ['bytes=4-5,0-1', 10, [span(4, 6), span(0, 2)]],
  ['bytes=,0-1,,4-5, ', 10, [span(0, 2), span(4, 6)]],
  ['bytes=0-4,3-6', 10, [span(0, 7)]],
  ['bytes=0-4,5-6', 10, [span(0, 7)]],
  ['bytes=8-,0-1,-3', 10, [span(0, 2), span(7, 10)]],
  ['bytes=0-1,99-', 10, [span(0, 2)]],
  ['bytes=9007199254740993-', 10, 'unsatisfiable'],
  [`bytes=0-${'9'.repeat(400)}`, 10, [span(0, 10)]],
  [`bytes=-${'9'.repeat(400)}`, 10, [span(0, 10)]],
  ['bytes=5000000000-5000000009', 6_000_000_000, [span(5_000_000_000, 5_000_000_010)]],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=10-11,20-30', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=-00', 0, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=-5', 0, 'whole'],
  ['bytes=-', 10, 'whole'],
  ['bytes=', 10, 'whole'],
  ['bytes=,', 10, 'whole'],
  ['bytes', 10, 'whole'],
  ['', 10, 'whole'],
  ['bytes=4-2', 10, 'whole'],
  ['bytes=0-1,4-2', 10, 'whole'],
  ['bytes=a-b', 10, 'whole'],
  ['bytes=1-2-3', 10, 'whole'],
  ['bytes=0x1-2', 10, 'whole'],
  ['bytes= 1 - 2', 10, 'whole'],
  ['bytes=-1-2', 10, 'whole'],
  ['items=0-1', 10, 'whole'],
  ['bytes=0-1, bytes=4-5', 10, 'whole'],
  [undefined, 10, 'whole'],
])('%j of %d bytes', (header, size, expected) => {
  expect(selectRanges(header, size)).toEqual(expected);
});

it('serves 50 ranges, and ignores a header with more', () => {
  const ranges = (count: number): string =>
    `bytes=${Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join()}`;
  expect(selectRanges(ranges(50), 1000)).toHaveLength(50);
  expect(selectRanges(ranges(51), 1000)).toBe('whole');
});

const position = fc.nat(120).map(String);
const spec = fc.oneof(
  fc.tuple(position, position).map(([first, last]) => `${first}-${last}`),
  position.map((first) => `${first}-`),
  position.map((length) => `-${length}`),
);
const header = fc
  .array(spec, { minLength: 1, maxLength: 60 })
  .map((specs) => `bytes=${specs.join()}`);

/** What a range's text means, byte by byte. */
function bytesOf(text: string, size: number): number[] {
  const [first = '', last = ''] = text.split('-');
  const all = Array.from({ length: size }, (_, i) => i);
  if (first === '') return Number(last) === 0 ? [] : all.slice(-Number(last));
  return all.slice(Number(first), last === '' ? size : Number(last) + 1);
}

it('sends every byte that was asked for once, and no other', () => {
  fc.assert(
    fc.property(header, fc.integer({ min: 1, max: 100 }), (text, size) => {
      const ranges = selectRanges(text, size);
      if (ranges === 'whole') return;
      const asked = text
        .slice('bytes='.length)
        .split(',')
        .flatMap((range) => bytesOf(range, size));
      const sent =
        ranges === 'unsatisfiable'
          ? []
          : ranges.flatMap(({ start, end }) => bytesOf(`${start}-${end - 1}`, size));
      expect(sent.toSorted((a, b) => a - b)).toEqual([...new Set(asked)].sort((a, b) => a - b));
    }),
  );
});

it('understands no header that it would answer in part only', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(100), (text, size) => {
      const ranges = selectRanges(`bytes=${text}`, size);
      const isWellFormed = text.split(',').every((one) => /^\s*(?:\d+-\d*|-\d+|)\s*$/.test(one));
      expect(isWellFormed || ranges === 'whole').toBe(true);
    }),
  );
});
