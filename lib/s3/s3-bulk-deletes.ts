import { DeleteObjectsCommand, type _Error as Refusal } from '@aws-sdk/client-s3';
import { sendCommand } from './s3-commands.js';
import { deleteShared, type Deletion } from './s3-deletes.js';
import {
  failing,
  failureBehind,
  isSilent,
  mayBeServed,
  S3AnswerError,
  serverError,
} from './s3-errors.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

const MAX_OBJECTS = 1000;

/** What a key may have, and a request for many objects cannot carry. */
const NOT_OF_XML = /[\uFFFE\uFFFF]/;

/** An answer about many objects has a code for each, and no status. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InternalError: 500,
  ServiceUnavailable: 503,
  SlowDown: 503,
};

/**
 * Deletes objects as {@link deleteShared} does, 1,000 with a request. One that is refused keeps no other from it; a
 * server that is busy, or silent, is asked for no more.
 *
 * @throws StorageFailedError when some could not be deleted
 */
export async function deleteObjects(
  place: S3Place,
  requests: S3Requests,
  names: readonly string[],
): Promise<void> {
  const refusals: Refusal[] = [];
  const deleteSingle = async (name: string, deletion?: Deletion): Promise<void> => {
    await deleteShared(place, requests, name, deletion).catch((error: unknown) => {
      if (isSilent(error)) throw error;
      refusals.push({ Key: name, Code: failureBehind(error).code });
    });
  };
  const carried = names.filter((name) => !NOT_OF_XML.test(name));
  for (let start = 0; start < carried.length; start += MAX_OBJECTS) {
    const batch = carried.slice(start, start + MAX_OBJECTS);
    const unansweredSince = performance.now();
    const refused = await deleteBatch(place, batch);
    if (!refused) for (const name of batch) await deleteSingle(name, { unansweredSince });
    for (const refusal of refused ?? []) {
      const answer = answerOf(refusal);
      if (refusal.Key === undefined || answer.status < 500) refusals.push(refusal);
      else await deleteSingle(refusal.Key, mayBeServed(answer) ? { unansweredSince } : {});
    }
  }
  for (const name of names.filter((one) => NOT_OF_XML.test(one))) await deleteSingle(name);
  const [first] = refusals;
  if (first) throw serverError(answerOf(first, refusals));
}

/** Undefined when there was no answer: the SDK would repeat it, and delete what has come since. */
async function deleteBatch(place: S3Place, names: string[]): Promise<Refusal[] | undefined> {
  const Objects = names.map((Key) => ({ Key }));
  const command = new DeleteObjectsCommand({
    Bucket: place.bucket,
    Delete: { Objects, Quiet: true },
  });
  command.middlewareStack.add(
    (next) => async (sent) => {
      try {
        return await next(sent);
      } catch (error) {
        if (!mayBeServed(error)) throw error;
        return { response: {}, output: { $metadata: {} } }; // without a status
      }
    },
    { name: 'nestjs-private-storage:unrepeated', step: 'finalizeRequest', priority: 'low' },
  );
  const { Errors = [], $metadata } = await failing(sendCommand(place, command), serverError);
  if ($metadata.httpStatusCode === undefined) return undefined;
  return Errors.filter(({ Code }) => Code !== 'NoSuchKey');
}

function answerOf({ Code = '' }: Refusal, cause?: readonly Refusal[]): S3AnswerError {
  return new S3AnswerError(STATUS[Code] ?? 400, Code, { cause });
}
