import { enter, fight, warmUp, type Contestant, type Corner } from './corner.js';
import { peakMebibytes } from './process-cost.js';

export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

/** Medians over the rounds. */
export interface Measured {
  readonly requestsPerSecond: number;
  readonly cpuMicroseconds: number;
  readonly peakMebibytes: number;
  /** The part of the peak that came after the start. */
  readonly overIdleMebibytes: number;
}

/** Ratios are medians of the rounds' own ratios: both sides of a round saw the same machine. */
export interface DuelResult {
  readonly ours: Measured;
  readonly theirs: Measured;
  readonly throughputRatio: number;
  readonly cpuRatio: number;
}

/** Lets two servers take turns while nothing else of ours runs: idle ones beside them distort the result. */
export async function duel(
  ours: Contestant,
  theirs: Contestant,
  connections: number,
  pace: Pace,
): Promise<DuelResult> {
  const corners: Corner[] = [];
  try {
    corners.push(await enter(ours, connections));
    corners.push(await enter(theirs, connections));
    assertSameAnswer(corners);
    await warmUp(corners, pace.warmUpMs);
    for (let round = 0; round < pace.rounds; round++) {
      const order = round % 2 === 0 ? corners : corners.toReversed();
      for (const corner of order) await fight(corner, pace.roundMs);
    }
    return judged(corners);
  } finally {
    for (const { server } of corners) await server.stop();
  }
}

function assertSameAnswer(corners: readonly Corner[]): void {
  const seen = corners.map(
    ({ answer }) => `${answer.status} with ${answer.bytes} bytes ${answer.sha256}`,
  );
  if (new Set(seen).size > 1) {
    throw new Error(
      corners.map(({ name }, index) => `${name} answers ${seen[index]}`).join(', but '),
    );
  }
}

function judged([ours, theirs]: readonly Corner[]): DuelResult {
  if (!ours || !theirs) throw new Error('A duel takes two.');
  return {
    ours: measured(ours),
    theirs: measured(theirs),
    throughputRatio: median(ours.rates.map((rate, round) => rate / (theirs.rates[round] ?? NaN))),
    cpuRatio: median(ours.costs.map((cost, round) => cost / (theirs.costs[round] ?? NaN))),
  };
}

function measured({ rates, costs, server, idleMebibytes }: Corner): Measured {
  const peak = peakMebibytes(server.pid);
  return {
    requestsPerSecond: median(rates),
    cpuMicroseconds: median(costs),
    peakMebibytes: peak,
    overIdleMebibytes: peak - idleMebibytes,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
