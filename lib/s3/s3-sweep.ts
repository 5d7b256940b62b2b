import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type MultipartUpload,
} from '@aws-sdk/client-s3';
import type { PrivateStorageError } from '../private-storage.errors.js';
import { deleteObjects } from './s3-bulk-deletes.js';
import { sendCommand } from './s3-commands.js';
import { failureOf, isSilent, serverError } from './s3-errors.js';
import { listObjects } from './s3-objects.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** Removes what was staged before `before`, by our clock. What cannot be removed keeps nothing else from it. */
export class S3Sweep {
  private swept = 0;
  private failure?: PrivateStorageError;

  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
    private readonly before: Date,
  ) {}

  /** Returns how many objects and uploads. @throws StorageFailedError when some are left */
  async run(): Promise<number> {
    await this.trying(this.sweepStaged());
    await this.trying(this.sweepUploads()); // which takes two permissions more
    if (this.failure) throw this.failure;
    return this.swept;
  }

  private async sweepStaged(): Promise<void> {
    const folder = this.place.stagingName('');
    let after: string | undefined;
    do {
      const { objects, next } = await listObjects(this.place, folder, after);
      const old = objects.filter(({ LastModified }) => this.isOld(LastModified));
      const names = old.flatMap(({ Key }) => Key ?? []);
      await this.trying(deleteObjects(this.place, this.requests, names));
      this.swept += names.length;
      after = next;
    } while (after !== undefined);
  }

  /** Gives up multipart uploads. Their parts are paid for, and listed nowhere. */
  private async sweepUploads(): Promise<void> {
    for (let marker: Marker | undefined = {}; marker;) {
      const page = await listUploads(this.place, marker);
      for (const upload of page.uploads) {
        if (!this.isOld(upload.Initiated)) continue;
        await this.trying(abortUpload(this.place, upload));
        this.swept++;
      }
      marker = page.next;
    }
  }

  /** The dates are the server's, whose clock is known once it has answered. */
  private isOld(date: Date | undefined): boolean {
    return date !== undefined && date.getTime() < this.place.timeOf(this.before);
  }

  private async trying(removal: Promise<void>): Promise<void> {
    await removal.catch((error: unknown) => {
      const failure = serverError(error);
      if (isSilent(failure)) throw failure;
      this.failure ??= failure;
    });
  }
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
  const answer = await sendCommand(place, command);
  const { Uploads = [], IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer;
  const next = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
  return IsTruncated && NextKeyMarker ? { uploads: Uploads, next } : { uploads: Uploads };
}

async function abortUpload(place: S3Place, { Key, UploadId }: MultipartUpload): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId });
  await sendCommand(place, command).catch((error: unknown) => {
    if (failureOf(error).status !== 404) throw error; // completed, or given up, meanwhile
  });
}
