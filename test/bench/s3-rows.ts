import type { Goal } from './download-rows.js';
import type { Pace } from './duel.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A row of the table: one file that is sent through the app, from S3 or into it. */
export interface S3Row {
  readonly name: string;
  readonly bytes: number;
  readonly connections: number;
  readonly pace?: Partial<Pace>;
}

/** Against `GetObjectCommand`, in its CPU. */
export const S3_DOWNLOAD_ROWS: readonly (S3Row & { readonly goal: Goal })[] = [
  {
    name: '64 KiB',
    bytes: 64 * KIB,
    connections: 32,
    pace: { warmUpMs: 5000 },
    goal: { cpu: 0.5 },
  },
  {
    name: '100 MiB',
    bytes: 100 * MIB,
    connections: 4,
    pace: { roundMs: 4000 }, // some four answers a second
    goal: { cpu: 0.8 },
  },
];

/** How the SDK uploads, and what is to be reached against it. */
interface S3Rival {
  readonly name: 'Upload' | 'PutObject';
  readonly goal?: Goal;
}

const UPLOAD: S3Rival = { name: 'Upload', goal: { cpu: 0.5 } };
/** It has the whole file in memory. */
const PUT_OBJECT: S3Rival = { name: 'PutObject' };

export const S3_UPLOAD_ROWS: readonly (S3Row & { readonly rivals: readonly S3Rival[] })[] = [
  {
    name: '10 MiB',
    bytes: 10 * MIB,
    connections: 4,
    pace: { warmUpMs: 5000, roundMs: 2000 },
    rivals: [UPLOAD, PUT_OBJECT],
  },
  { name: '1 GiB', bytes: 1024 * MIB, connections: 1, rivals: [UPLOAD] },
];
