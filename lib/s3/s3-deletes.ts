import { StorageUnavailableError } from '../private-storage.errors.js';
import { MARK_HEADER } from './s3-copies.js';
import { failing, mayBeServed, serverError, unlessMissing } from './s3-errors.js';
import { findObject } from './s3-objects.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';
import { retrying } from './s3-retries.js';

/** Dates are whole seconds, and those of the server's machines differ a little. */
const SLACK_MS = 2_000;

export interface Deletion {
  readonly mark?: string;
  /** By `performance.now()`: when it was asked for in another way, and got no answer. */
  readonly unansweredSince?: number;
}

/**
 * Deletes an object whose name others use too; does nothing when there is none. What got no answer may have been served,
 * and the name may be another's by then: it is repeated only for an object with that mark or, where none is given, for one
 * that is older than the first attempt.
 *
 * @throws StorageUnavailableError when it is not known whose the name is, StorageFailedError
 */
export async function deleteShared(
  place: S3Place,
  requests: S3Requests,
  name: string,
  { mark, unansweredSince }: Deletion = {},
): Promise<void> {
  const attempt = async (): Promise<void> => {
    const start = performance.now();
    if (unansweredSince !== undefined) {
      const headers = await findObject(place, requests, name);
      if (!headers || (mark !== undefined && headers[MARK_HEADER] !== mark)) return;
      if (mark === undefined) assertOlder(headers, performance.now() - unansweredSince);
    }
    try {
      await requests.sendOnce({ method: 'DELETE', name });
    } catch (error) {
      if (mayBeServed(error)) unansweredSince ??= start;
      throw error;
    }
  };
  await failing(retrying(place.client, 'DELETE', attempt).catch(unlessMissing), serverError);
}

/** By the server's clock alone: ours may be wrong. */
function assertOlder(headers: Readonly<Record<string, string | undefined>>, ms: number): void {
  const age = Date.parse(headers.date ?? '') - Date.parse(headers['last-modified'] ?? '');
  if (age > ms + SLACK_MS) return;
  throw new StorageUnavailableError(
    'The storage did not say whether it deleted the file, and what is there now may be another: it was left.',
  );
}
