import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { StorageAnsweredBadlyError } from '../private-storage.errors.js';
import { Abort } from '../storage/abort.js';
import type { BucketAbilities } from './bucket-probe.js';
import { PATIENT_MS, sendCommand } from './s3-commands.js';
import { failing, isSilent, serverError } from './s3-errors.js';
import { PartBuffers } from './part-buffers.js';
import { deleteObject, findObject } from './s3-objects.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';
import { partsOf, type UploadPart } from './upload-parts.js';

/** Sends bytes of unknown number: a small file with one request, a large one in parts, of which two are in memory. */
export class S3Uploads {
  private readonly buffers = new PartBuffers();

  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
    private readonly abilities: () => Promise<BucketAbilities>,
  ) {}

  /** Makes an object, and returns its size. When anything fails nothing is left, and what `bytes` throws is passed on. */
  async send(name: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    const { place, requests, buffers } = this;
    const { partSize } = place.options;
    const isHashed = async (): Promise<boolean> => !(await this.abilities()).takesUnhashed;
    const upload = new S3Upload(place, requests, buffers, name);
    try {
      for await (const part of partsOf(bytes, { buffers, isHashed, partSize })) {
        await upload.take(part);
      }
      return upload.size;
    } catch (error) {
      const aborting = upload.abort();
      if (!isSilent(error)) await aborting;
      throw error;
    }
  }
}

class S3Upload {
  size = 0;
  private uploadId?: string;
  private isSent = false;
  private readonly parts: CompletedPart[] = [];
  private sending: Promise<void> = Promise.resolve();
  private readonly aborted = new Abort();

  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
    private readonly buffers: PartBuffers,
    private readonly name: string,
  ) {}

  /** Resolves when there is room for another part; after the last one, when the object is there. */
  async take(part: UploadPart): Promise<void> {
    this.size += part.bytes.length;
    if (part.isLast && part.number === 1) {
      this.isSent = true;
      return this.put(part);
    }
    const uploadId = (this.uploadId ??= await this.create());
    await this.sending;
    this.sending = this.send(part, uploadId);
    this.sending.catch(() => undefined); // awaited with the next part
    if (!part.isLast) return;
    await this.sending;
    this.isSent = true;
    await this.complete(uploadId);
  }

  /** What cannot be removed now is swept. */
  async abort(): Promise<void> {
    const target = { Bucket: this.place.bucket, Key: this.name };
    this.aborted.abort(new Error('The upload was given up.'));
    await this.sending.catch(() => undefined);
    if (this.uploadId !== undefined) {
      const command = new AbortMultipartUploadCommand({ ...target, UploadId: this.uploadId });
      await sendCommand(this.place, command).catch(() => undefined);
    }
    if (this.isSent) await deleteObject(this.requests, this.name).catch(() => undefined); // it may have arrived
  }

  private async put(body: UploadPart): Promise<void> {
    const headers = this.place.encryption.writeHeaders;
    await failing(
      this.requests.send({ method: 'PUT', name: this.name, headers, body }),
      serverError,
    );
  }

  private async create(): Promise<string> {
    const { bucket, encryption } = this.place;
    const command = new CreateMultipartUploadCommand({
      Bucket: bucket,
      Key: this.name,
      ...encryption.write,
    });
    const { UploadId } = await failing(sendCommand(this.place, command), serverError);
    if (UploadId === undefined) throw new StorageAnsweredBadlyError('S3 gave no upload id.');
    return UploadId;
  }

  private async send(part: UploadPart, uploadId: string): Promise<void> {
    const { headers } = await failing(
      this.requests.send({
        method: 'PUT',
        name: this.name,
        query: { partNumber: String(part.number), uploadId },
        headers: this.place.encryption.readHeaders,
        body: part,
        signal: this.aborted,
      }),
      serverError,
    );
    this.parts.push({ PartNumber: part.number, ETag: headers.etag });
    this.buffers.give(part.bytes);
  }

  private async complete(uploadId: string): Promise<void> {
    const { bucket, encryption } = this.place;
    const command = new CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: this.name,
      UploadId: uploadId,
      MultipartUpload: { Parts: this.parts },
      ...encryption.read,
    });
    try {
      await failing(sendCommand(this.place, command, PATIENT_MS), serverError);
    } catch (error) {
      if (!(await this.isThere())) throw error;
    }
  }

  /** What got no answer may have been done, and a repeat is told by some servers that there is no such upload. */
  private async isThere(): Promise<boolean> {
    const headers = await findObject(this.place, this.requests, this.name).catch(() => undefined);
    return headers?.['content-length'] === String(this.size);
  }
}
