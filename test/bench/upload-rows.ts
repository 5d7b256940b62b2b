import type { Goal } from './download-rows.js';
import type { Pace } from './duel.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A row of the table: one file sent again and again. */
export interface UploadRow {
  readonly name: string;
  readonly bytes: number;
  readonly connections: number;
  /** Small uploads get faster for seconds, while Node compiles what they run through. */
  readonly pace?: Partial<Pace>;
  /** To reach against multer, or on Fastify against its own plugin. */
  readonly goals: { readonly plain: Goal; readonly checksum: Goal };
}

export const UPLOAD_ROWS: readonly UploadRow[] = [
  {
    name: '64 KiB',
    bytes: 64 * KIB,
    connections: 16,
    pace: { warmUpMs: 5000 },
    goals: { plain: { throughput: 1.6, cpu: 0.6 }, checksum: { cpu: 0.7 } },
  },
  {
    name: '10 MiB',
    bytes: 10 * MIB,
    connections: 4,
    goals: { plain: { cpu: 0.7 }, checksum: { cpu: 0.95 } },
  },
  {
    name: '1 GiB',
    bytes: 1024 * MIB,
    connections: 1,
    goals: { plain: { cpu: 0.75 }, checksum: { cpu: 1 } },
  },
];
