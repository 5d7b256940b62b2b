import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
} from '@aws-sdk/client-s3';
import { deleteObjects } from './s3-bulk-deletes.js';
import { failing, failureOf, storageError } from './s3-errors.js';
import { listObjects } from './s3-objects.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** Deletes what was staged before `before`; returns how many objects. */
export async function sweepStaged(
  place: S3Place,
  requests: S3Requests,
  before: Date,
): Promise<number> {
  const folder = place.stagingName('');
  let swept = 0;
  let after: string | undefined;
  do {
    const { objects, next } = await listObjects(place, folder, after);
    const old = objects.filter(({ LastModified }) => LastModified && LastModified < before);
    const names = old.flatMap(({ Key }) => Key ?? []);
    await deleteObjects(place, requests, names);
    swept += names.length;
    after = next;
  } while (after !== undefined);
  return swept;
}

/** Gives up the multipart uploads that were begun before `before`; returns how many. Their parts are paid for, and listed nowhere. */
export async function sweepUploads(place: S3Place, before: Date): Promise<number> {
  let swept = 0;
  for (let marker: Marker | undefined = {}; marker;) {
    const page = await listUploads(place, marker);
    for (const upload of page.uploads) {
      if (!upload.Initiated || upload.Initiated >= before) continue;
      await abortUpload(place, upload);
      swept++;
    }
    marker = page.next;
  }
  return swept;
}

interface Marker {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

async function listUploads(
  place: S3Place,
  marker: Marker,
): Promise<{ uploads: MultipartUpload[]; next?: Marker }> {
  const command = new ListMultipartUploadsCommand({
    Bucket: place.bucket,
    Prefix: place.nameOf(''),
    ...marker,
  });
  const answer = await failing(place.client.send(command));
  const { Uploads = [], IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer;
  const next = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
  return IsTruncated && NextKeyMarker ? { uploads: Uploads, next } : { uploads: Uploads };
}

async function abortUpload(
  { client, bucket }: S3Place,
  { Key, UploadId }: MultipartUpload,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId });
  await client.send(command).catch((error: unknown) => {
    if (failureOf(error).status !== 404) throw storageError(error); // completed, or given up, meanwhile
  });
}
