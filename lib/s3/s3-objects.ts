import { ListObjectsV2Command, type _Object } from '@aws-sdk/client-s3';
import type { ObjectAnswer } from './s3-answer.js';
import { sendCommand } from './s3-commands.js';
import { failing, failureOf, serverError, storageError, unlessMissing } from './s3-errors.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** What S3 lists at a time. */
export const PAGE_OBJECTS = 1000;

/** Objects in the order of their names, as UTF-8. */
export interface ObjectPage {
  readonly objects: readonly _Object[];
  /** The last one's name, where there are more after it. */
  readonly next?: string;
}

/** Objects whose names begin with `prefix`, from after the name `after` on. */
export async function listObjects(
  place: S3Place,
  prefix: string,
  after?: string,
  limit = PAGE_OBJECTS,
): Promise<ObjectPage> {
  const command = new ListObjectsV2Command({
    Bucket: place.bucket,
    Prefix: prefix,
    StartAfter: after,
    MaxKeys: limit,
  });
  const { Contents = [], IsTruncated = false } = await failing(
    sendCommand(place, command),
    serverError,
  );
  return { objects: Contents, next: IsTruncated ? Contents.at(-1)?.Key : undefined };
}

/** The headers of an object; undefined when there is none. */
export async function findObject(
  { encryption }: S3Place,
  requests: S3Requests,
  name: string,
): Promise<ObjectAnswer['headers'] | undefined> {
  try {
    const head = { method: 'HEAD', name, headers: encryption.readHeaders } as const;
    return (await requests.send(head)).headers;
  } catch (error) {
    if (failureOf(error).status === 404) return undefined;
    throw storageError(error);
  }
}

/** For names that are never used again, since a repeat deletes whatever is there. Does nothing when there is no such object. */
export async function deleteObject(requests: S3Requests, name: string): Promise<void> {
  const deleting = requests.send({ method: 'DELETE', name }).catch(unlessMissing);
  await failing(deleting, serverError);
}
