/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The whole file, some ranges of it, or none that can be had. */
export type RangeSelection = 'whole' | 'unsatisfiable' | readonly ByteRange[];

const MAX_RANGES = 50;

/**
 * RFC 9110 section 14.2. Overlapping and touching ranges are merged. A header that is not understood, or asks for too
 * many ranges, is answered with the whole file.
 */
export function selectRanges(header: string | undefined, size: number): RangeSelection {
  const specs = /^bytes=(.*)$/i.exec(header ?? '')?.[1]?.split(',') ?? [];
  const wanted = specs.map((spec) => spec.trim()).filter((spec) => spec !== '');
  if (wanted.length === 0 || wanted.length > MAX_RANGES) return 'whole';
  const ranges: ByteRange[] = [];
  for (const spec of wanted) {
    const range = parseRange(spec, size);
    if (range === 'malformed') return 'whole';
    if (range.start < range.end) ranges.push(range);
    else if (size === 0 && isSuffix(spec)) return 'whole'; // the last bytes of nothing: section 14.1.2
  }
  return ranges.length === 0 ? 'unsatisfiable' : merge(ranges);
}

/** An empty range, `start` at `end`, is one that cannot be satisfied. */
function parseRange(spec: string, size: number): ByteRange | 'malformed' {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  if (!match || spec === '-') return 'malformed';
  const [, first = '', last = ''] = match;
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'malformed';
  if (start >= size) return { start: size, end: size };
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

function isSuffix(spec: string): boolean {
  return /^-0*[1-9]/.test(spec);
}

/** In the order asked for, unless ranges overlap or touch. */
function merge(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  const merged: ByteRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else {
      merged.push(range);
    }
  }
  return merged.length === ranges.length ? ranges : merged;
}
