import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { StorageFailedError } from '../private-storage.errors.js';
import { deleteShared } from './s3-deletes.js';
import { failing, mayBeServed } from './s3-errors.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

const MAX_OBJECTS = 1000;

/** What a key may have, and a request for many objects cannot carry. */
const NOT_OF_XML = /[\uFFFE\uFFFF]/;

/** Deletes objects as {@link deleteShared} does, 1,000 with a request. @throws StorageFailedError when some could not be deleted */
export async function deleteObjects(
  place: S3Place,
  requests: S3Requests,
  names: readonly string[],
): Promise<void> {
  const carried = names.filter((name) => !NOT_OF_XML.test(name));
  for (let start = 0; start < carried.length; start += MAX_OBJECTS) {
    const batch = carried.slice(start, start + MAX_OBJECTS);
    const unansweredSince = performance.now();
    if (await deleteBatch(place, batch)) continue;
    for (const name of batch) await deleteShared(place, requests, name, { unansweredSince });
  }
  const single = names.filter((name) => NOT_OF_XML.test(name));
  for (const name of single) await deleteShared(place, requests, name);
}

/** False when there was no answer: the SDK would repeat it, and delete what has come since. */
async function deleteBatch({ client, bucket }: S3Place, names: string[]): Promise<boolean> {
  const Objects = names.map((Key) => ({ Key }));
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
  let isAnswered = true;
  command.middlewareStack.add(
    (next) => async (sent) => {
      try {
        return await next(sent);
      } catch (error) {
        if (!mayBeServed(error)) throw error;
        isAnswered = false;
        return { response: {}, output: { $metadata: {} } };
      }
    },
    { name: 'nestjs-private-storage:unrepeated', step: 'finalizeRequest', priority: 'low' },
  );
  const { Errors = [] } = await failing(client.send(command));
  if (Errors.length === 0) return isAnswered;
  throw new StorageFailedError(
    `The storage did not delete ${Errors.length} of ${names.length} files (${Errors[0]?.Code ?? 'unknown'}).`,
  );
}
