import type { Pace } from './duel.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const RANGE_START = 48 * MIB;

/** What is asked of a file: all of it, a part, or whether it has changed. */
export type Question = 'whole' | 'part' | 'unchanged';

export interface Goal {
  readonly throughput?: number;
  readonly cpu: number;
}

/** To reach behind nginx, with the CPU of both, against what people write today and against nginx that asks nobody. */
interface NginxGoals {
  readonly streamable?: Goal;
  readonly nginx?: Goal;
}

/** A row of the table: the same file asked for in the same way. */
export interface DownloadRow {
  readonly name: string;
  readonly bytes: number;
  readonly connections: number;
  readonly question: Question;
  readonly pace?: Partial<Pace>;
  /** To reach against what people write today, on each adapter. */
  readonly goals: { readonly express: Goal; readonly fastify: Goal };
  readonly behindNginx?: { readonly express: NginxGoals; readonly fastify: NginxGoals };
}

const SMALL = { express: { throughput: 1.25, cpu: 0.78 }, fastify: { throughput: 1.5, cpu: 0.65 } };
const BIG = both({ throughput: 1.6, cpu: 0.6 });
const HUGE = both({ throughput: 1.2, cpu: 0.7 });
const PARTIAL = both({ throughput: 1.25, cpu: 0.75 });

/** Small answers get faster for seconds, while Node compiles what they run through. */
const LONG: Partial<Pace> = { warmUpMs: 5000 };

export const DOWNLOAD_ROWS: readonly DownloadRow[] = [
  {
    name: '4 KiB',
    bytes: 4 * KIB,
    connections: 32,
    question: 'whole',
    pace: LONG,
    goals: SMALL,
  },
  {
    name: '64 KiB',
    bytes: 64 * KIB,
    connections: 32,
    question: 'whole',
    pace: LONG,
    goals: SMALL,
    behindNginx: { express: { streamable: { cpu: 0.8 } }, fastify: { streamable: { cpu: 0.35 } } },
  },
  { name: '1 MiB', bytes: MIB, connections: 32, question: 'whole', goals: BIG },
  {
    name: '100 MiB',
    bytes: 100 * MIB,
    connections: 4,
    question: 'whole',
    pace: { roundMs: 2000 }, // some twenty answers a second
    goals: HUGE,
    behindNginx: both({ nginx: { throughput: 0.95, cpu: 1.3 } }),
  },
  {
    name: '304',
    bytes: 64 * KIB,
    connections: 32,
    question: 'unchanged',
    pace: LONG,
    goals: PARTIAL,
  },
  {
    name: 'range',
    bytes: 100 * MIB,
    connections: 32,
    question: 'part',
    pace: LONG,
    goals: PARTIAL,
  },
];

/** The headers that ask the row's question of a file with that ETag. */
export function headersOf({ question }: DownloadRow, etag: string): Record<string, string> {
  if (question === 'unchanged') return { 'If-None-Match': etag };
  if (question === 'part') return { Range: `bytes=${RANGE_START}-${RANGE_START + 64 * KIB - 1}` };
  return {};
}

function both<T>(goal: T): { express: T; fastify: T } {
  return { express: goal, fastify: goal };
}
