import type { Goal } from './download-rows.js';
import type { DuelResult } from './duel.js';

export type Line = readonly string[];

/** Who was measured against whom. */
interface Bout {
  readonly row: { readonly name: string };
  readonly adapter: string;
  readonly ours: { readonly name: string };
  readonly theirs: { readonly name: string };
  readonly goal?: Goal;
}

export const HEADINGS: Line = [
  'row',
  'adapter',
  'library',
  'against',
  'requests/s',
  'ratio',
  'CPU µs/request',
  'ratio',
  'peak MiB',
  'over idle',
  'goal',
];

const WIDTHS = [7, 7, 15, 23, 15, 5, 17, 5, 9, 9, 14];

export function lineOf({ row, adapter, ours, theirs, goal }: Bout, result: DuelResult): Line {
  const { throughputRatio, cpuRatio } = result;
  const both = (figure: keyof DuelResult['ours']) =>
    `${whole(result.ours[figure])} / ${whole(result.theirs[figure])}`;
  const isReached = goal && throughputRatio >= (goal.throughput ?? 0) && cpuRatio <= goal.cpu;
  return [
    row.name,
    adapter,
    ours.name,
    theirs.name,
    both('requestsPerSecond'),
    throughputRatio.toFixed(2),
    both('cpuMicroseconds'),
    cpuRatio.toFixed(2),
    both('peakMebibytes'),
    both('overIdleMebibytes'),
    goal ? `${goal.throughput ?? '-'}, ${goal.cpu} ${isReached ? 'yes' : 'no'}` : '',
  ];
}

/** For the eye, while the benchmark runs. */
export function padded(line: Line): string {
  return line
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join('  ')
    .trimEnd();
}

/** For the docs, once it has run. */
export function markdown(lines: readonly Line[]): string {
  const rule = HEADINGS.map((_, column) => (column < 4 ? '---' : '--:'));
  return [HEADINGS, rule, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function whole(figure: number): string {
  return figure < 10 ? figure.toFixed(1) : String(Math.round(figure));
}
