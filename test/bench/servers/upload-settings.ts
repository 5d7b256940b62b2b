import process from 'node:process';

/** What the upload servers are told besides: whether to hash, and whether to wait for the disk. */
export interface UploadSettings {
  readonly checksum: boolean;
  readonly fsync: boolean;
}

const VARIABLE = 'BENCH_UPLOADS';

export function uploadEnvironment(settings: UploadSettings): NodeJS.ProcessEnv {
  return { [VARIABLE]: JSON.stringify(settings) };
}

export function readUploadSettings(): UploadSettings {
  return JSON.parse(process.env[VARIABLE] ?? '') as UploadSettings;
}
