import { StagedFileGoneError } from '../../private-storage.errors.js';

/** 24 random bytes in base64url: nobody guesses another's. */
const CLAIM = /^[\w-]{32}$/;

/** What a client hands in as a claim. @throws StagedFileGoneError when it cannot be one */
export function parseClaim(value: unknown): string {
  if (typeof value === 'string' && CLAIM.test(value)) return value;
  throw noSuchUpload();
}

/** Where the bytes of a direct upload wait in the staging area: beside others, but never in the place of one. */
export function idOf(claim: string): string {
  return `direct-${claim}`;
}

/** The one answer for what never arrived, was used, has expired, or is somebody else's. */
export function noSuchUpload(cause?: unknown): StagedFileGoneError {
  return new StagedFileGoneError(
    'There is no such upload, or no longer: ask for a new form, and send the file again.',
    { cause },
  );
}
