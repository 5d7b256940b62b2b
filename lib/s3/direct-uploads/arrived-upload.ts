import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { StagedFile } from '../../file/staged-file.js';
import { StagedFileGoneError, UploadRefusedError } from '../../private-storage.errors.js';
import type { FileTarget } from '../../upload/file-intake.js';
import { sendCommand } from '../s3-commands.js';
import { commitError, failing, failureOf } from '../s3-errors.js';
import { newStagedId } from '../s3-place.js';
import type { S3Storage } from '../s3-storage.js';
import { idOf, noSuchUpload } from './claim.js';
import { checkedCopy, type Found } from './checked-copy.js';
import { ticketOf } from './upload-ticket.js';

/**
 * Takes what a browser has sent to S3 for a staged file of the app's. The form can be sent again while its policy
 * lasts, so a copy is taken that no client can name, and it is the copy that is looked at.
 *
 * @throws UploadRefusedError when it breaks a rule of the field, and then S3 has nothing left of it; StagedFileGoneError
 * when the claim names no upload of that owner's; StorageFailedError
 */
export async function takeArrived(
  storage: S3Storage,
  claim: string,
  owner: string,
  target: FileTarget,
): Promise<StagedFile> {
  const found = await find(storage, claim, owner);
  const id = newStagedId();
  try {
    const { copies, place } = storage;
    const copy = { from: place.stagingName(idOf(claim)), to: place.stagingName(id) };
    await failing(copies.copy({ ...copy, etag: found.etag }), goneError);
    return await checkedCopy(storage, id, found, target);
  } catch (error) {
    const isRefused = error instanceof UploadRefusedError;
    // What cannot be removed now is swept.
    await Promise.allSettled([discard(storage, id), isRefused && forget(storage, claim)]);
    throw error;
  }
}

/** Throws away what a browser has sent to S3; does nothing when it is gone. @throws StorageFailedError */
export function forget(storage: S3Storage, claim: string): Promise<void> {
  return discard(storage, idOf(claim));
}

async function find(storage: S3Storage, claim: string, owner: string): Promise<Found> {
  const command = new HeadObjectCommand({
    Bucket: storage.place.bucket,
    Key: storage.place.stagingName(idOf(claim)),
    ChecksumMode: 'ENABLED',
  });
  const sending = sendCommand(storage.place, command);
  const { Metadata, ETag, ChecksumSHA256 } = await failing(sending, goneError);
  const ticket = ticketOf(Metadata);
  if (ticket?.owner !== owner) throw noSuchUpload();
  if (ticket.expiresAt.getTime() > storage.place.now())
    return { ticket, etag: ETag, checksum: ChecksumSHA256 };
  await forget(storage, claim);
  throw noSuchUpload();
}

function discard(storage: S3Storage, id: string): Promise<void> {
  return storage.discard({ id, size: 0 });
}

/** 412: it was sent again in the same instant. */
function goneError(error: unknown): Error {
  const meant = commitError(error);
  const isGone = meant instanceof StagedFileGoneError || failureOf(error).status === 412;
  return isGone ? noSuchUpload(error) : meant;
}
