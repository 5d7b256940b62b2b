import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { contentTypeOfName } from '../file/content-types.js';
import { PATIENT_MS, sendCommand } from './s3-commands.js';
import { statOf } from './s3-download.js';
import { failureOf } from './s3-errors.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** A copy from one object's name to another's, made by the server. */
export interface ObjectCopy {
  readonly from: string;
  readonly to: string;
  /** Only when the source has this ETag. Ceph 16 does not ask. */
  readonly etag?: string;
  /** Kept with the copy, so that one can tell later who made it. */
  readonly mark?: string;
  /** Only when there is no object of that name: of use with the servers that know it. */
  readonly ifNew?: boolean;
  /** Made as a stored file is made, wherever it goes; but not locked, so that it can be deleted again. */
  readonly isTrial?: boolean;
}

/** CopyObject takes no more, and no part may be larger. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;
const PART_BYTES = 1024 ** 3;
const PARTS_AT_ONCE = 4;

/** How the metadata of {@link ObjectCopy.mark} is called. */
export const MARK = 'committed-from';
export const MARK_HEADER = `x-amz-meta-${MARK}`;

const NO_LOCK = {
  ObjectLockLegalHoldStatus: undefined,
  ObjectLockMode: undefined,
  ObjectLockRetainUntilDate: undefined,
} as const;

/** Copies objects inside a bucket, of any size, whole or not at all. Nothing of them passes through the app. */
export class S3Copies {
  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
    private readonly partBytes = PART_BYTES,
  ) {}

  /** @throws what the SDK throws: with status 404 for a missing source, 412 for a taken name with `ifNew`. */
  async copy(copy: ObjectCopy): Promise<void> {
    try {
      await this.copyAtOnce(copy);
    } catch (error) {
      if (!(await this.needsParts(error, copy))) throw error;
      await this.copyInParts(copy);
    }
  }

  async copyAtOnce(copy: ObjectCopy): Promise<void> {
    const { encryption } = this.place;
    const parameters = this.parametersOf(copy);
    const command = new CopyObjectCommand({
      ...parameters,
      ...encryption.copySource,
      TaggingDirective: parameters.Tagging === undefined ? undefined : 'REPLACE',
      IfNoneMatch: copy.ifNew ? '*' : undefined,
      MetadataDirective: 'REPLACE',
      CopySource: this.place.copySource(copy.from),
      CopySourceIfMatch: copy.etag,
    });
    await sendCommand(this.place, command, PATIENT_MS);
  }

  /** Two requests more. Ceph copies encrypted objects in no other way. */
  async copyInParts(copy: ObjectCopy): Promise<void> {
    const { encryption } = this.place;
    const { size, etag } = await this.sourceOf(copy);
    const parameters = this.parametersOf(copy);
    const IfNoneMatch = copy.ifNew ? '*' : undefined;
    if (size === 0) {
      const Body = new Uint8Array(); // no part is empty
      const command = new PutObjectCommand({ ...parameters, IfNoneMatch, Body });
      await sendCommand(this.place, command);
      return;
    }
    const create = new CreateMultipartUploadCommand(parameters);
    const { UploadId } = await sendCommand(this.place, create);
    const upload = { Bucket: this.place.bucket, Key: copy.to, UploadId };
    try {
      const Parts = await this.copyParts(copy, upload, size, copy.etag ?? etag);
      await sendCommand(
        this.place,
        new CompleteMultipartUploadCommand({
          ...upload,
          ...encryption.read,
          IfNoneMatch,
          MultipartUpload: { Parts },
        }),
        PATIENT_MS,
      );
    } catch (error) {
      const abort = new AbortMultipartUploadCommand(upload);
      await sendCommand(this.place, abort).catch(() => undefined); // swept
      throw error;
    }
  }

  private async copyParts(
    { from }: ObjectCopy,
    upload: { Bucket: string; Key: string; UploadId: string | undefined },
    size: number,
    etag: string,
  ): Promise<CompletedPart[]> {
    const { encryption } = this.place;
    const count = Math.ceil(size / this.partBytes);
    const copyPart = async (index: number): Promise<CompletedPart> => {
      const start = index * this.partBytes;
      const end = Math.min(start + this.partBytes, size);
      const { CopyPartResult } = await sendCommand(
        this.place,
        new UploadPartCopyCommand({
          ...upload,
          ...encryption.read,
          ...encryption.copySource,
          PartNumber: index + 1,
          CopySource: this.place.copySource(from),
          CopySourceIfMatch: etag,
          CopySourceRange: count > 1 ? `bytes=${start}-${end - 1}` : undefined,
        }),
        PATIENT_MS,
      );
      return { PartNumber: index + 1, ETag: CopyPartResult?.ETag };
    };
    const parts: CompletedPart[] = [];
    for (let first = 0; first < count; first += PARTS_AT_ONCE) {
      const indexes = Array.from(
        { length: Math.min(PARTS_AT_ONCE, count - first) },
        (_, i) => first + i,
      );
      const copying = indexes.map(copyPart);
      await Promise.allSettled(copying); // an abort does not reach those that still run
      parts.push(...(await Promise.all(copying)));
    }
    return parts;
  }

  private async sourceOf({ from }: ObjectCopy): Promise<{ size: number; etag: string }> {
    const headers = this.place.encryption.readHeaders;
    return statOf(await this.requests.send({ method: 'HEAD', name: from, headers }));
  }

  /** AWS says InvalidRequest of a source that is too large, and of much else. */
  private async needsParts(error: unknown, copy: ObjectCopy): Promise<boolean> {
    const { code } = failureOf(error);
    if (code === 'NotImplemented' || code === 'EntityTooLarge') return true;
    return code === 'InvalidRequest' && (await this.sourceOf(copy)).size > MAX_COPY_BYTES;
  }

  /** What the copy is to be like, in the words of all commands that begin an object. */
  private parametersOf({ to, mark, isTrial }: ObjectCopy): ObjectParameters {
    const { bucket, encryption, options } = this.place;
    const target = { Bucket: bucket, Key: to, ...encryption.write };
    if (this.place.keyOf(to) === undefined && !isTrial) return target; // the staging area
    const { Metadata, ...rest } = options.objectParameters ?? {};
    return {
      ...target,
      ContentType: contentTypeOfName(to),
      StorageClass: options.storageClass,
      ...rest,
      ...(isTrial ? NO_LOCK : {}),
      Metadata: { ...Metadata, ...(mark === undefined ? {} : { [MARK]: mark }) },
    };
  }
}

type ObjectParameters = CreateMultipartUploadCommandInput &
  Pick<PutObjectCommandInput, 'StorageClass' | 'ServerSideEncryption'>;
