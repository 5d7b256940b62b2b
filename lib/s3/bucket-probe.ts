import {
  BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { ConfigurationError } from '../private-storage.errors.js';
import { bucketError } from './bucket-error.js';
import { hashedBytes, type ObjectBytes } from './object-bytes.js';
import { sendCommand } from './s3-commands.js';
import type { S3Copies } from './s3-copies.js';
import { failing, failureOf, isTaken, S3AnswerError } from './s3-errors.js';
import { newStagedId, type S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

const DEFAULT_REGION = 'us-east-1'; // which is not said of a bucket

/** Said to a header that a server does not know. */
const NOT_KNOWN = new Set(['NotImplemented', 'InvalidArgument', 'InvalidRequest']);

/** What the server of a bucket can do, found out by trying. */
export interface BucketAbilities {
  /** PutObject keeps `If-None-Match: *`: of many at once one is served. */
  readonly writesOnCondition: boolean;
  /** CopyObject does too. */
  readonly copiesOnCondition: boolean;
  /** What is sent over TLS need not be hashed. Some buckets deny what is not. */
  readonly takesUnhashed: boolean;
}

/** Proves that a bucket is there and can be listed, written, copied in, read and deleted from. */
export class BucketProbe {
  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
    private readonly copies: S3Copies,
  ) {}

  /** @throws ConfigurationError that says what is wrong with the bucket, the credentials or the server. */
  async run(): Promise<BucketAbilities> {
    await this.trying('listed (s3:ListBucket)', this.assertThere());
    const probes: Probes = {
      source: this.place.stagingName(`probe-${newStagedId()}`),
      copy: this.place.stagingName(`probe-${newStagedId()}`),
      body: hashedBytes(randomBytes(16)),
    };
    try {
      const abilities = await this.probe(probes);
      await this.trying('deleted from (s3:DeleteObject)', this.remove(probes));
      return abilities;
    } catch (error) {
      await this.remove(probes).catch(() => undefined); // swept
      throw error;
    }
  }

  private async assertThere(): Promise<void> {
    const { bucket, options } = this.place;
    const Prefix = this.place.stagingName('');
    try {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys: 1 });
      await sendCommand(this.place, command);
    } catch (error) {
      if (!options.createBucket || failureOf(error).code !== 'NoSuchBucket') throw error;
      await this.create();
    }
  }

  /** Another process may have been faster. */
  private async create(): Promise<void> {
    const { client, bucket, options } = this.place;
    const region = await client.config.region();
    const LocationConstraint = Object.values(BucketLocationConstraint).find(
      (one) => one === region,
    );
    const isSaid = options.endpoint === undefined && region !== DEFAULT_REGION;
    const command = new CreateBucketCommand({
      Bucket: bucket,
      CreateBucketConfiguration: isSaid ? { LocationConstraint } : undefined,
    });
    await sendCommand(this.place, command).catch((error: unknown) => {
      if (failureOf(error).code !== 'BucketAlreadyOwnedByYou') throw error;
    });
  }

  private async probe({ source, copy, body }: Probes): Promise<BucketAbilities> {
    const takesUnhashed = await this.takesUnhashed(source, body);
    if (!takesUnhashed) {
      await this.trying('written to (s3:PutObject)', this.put(source, body));
    }
    await this.trying('read from (s3:GetObject)', this.read(source, body));
    const copying = this.copies.copy({ from: source, to: copy });
    await this.trying('copied in (s3:GetObject, s3:PutObject)', copying);
    const { storageClass, objectParameters } = this.place.options;
    if (storageClass !== undefined || objectParameters !== undefined) {
      const trial = this.copies.copy({ from: source, to: copy, isTrial: true });
      await this.trying('given files with its storageClass and objectParameters', trial);
    }
    const writesOnCondition = await this.keeps(this.put(source, body, { 'if-none-match': '*' }));
    const copiesOnCondition = await this.keeps(
      this.copies.copyAtOnce({ from: source, to: copy, ifNew: true }),
    );
    return { writesOnCondition, copiesOnCondition, takesUnhashed };
  }

  /** TLS notices a byte that is not as it was sent; without it a hash has to. */
  private async takesUnhashed(name: string, { bytes }: ObjectBytes): Promise<boolean> {
    try {
      const { protocol } = await this.requests.locate();
      if (protocol !== 'https:') return false;
      await this.put(name, { bytes });
      return true;
    } catch {
      return false; // whether it is that, is found out with a hash
    }
  }

  private async put(
    name: string,
    body: ObjectBytes,
    condition?: Record<string, string>,
  ): Promise<void> {
    const headers = { ...this.place.encryption.writeHeaders, ...condition };
    await this.requests.send({ method: 'PUT', name, headers, body });
  }

  private async read(name: string, { bytes }: ObjectBytes): Promise<void> {
    const headers = this.place.encryption.readHeaders;
    const { body } = await this.requests.send({ method: 'GET', name, headers });
    const found: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) found.push(chunk);
    if (Buffer.concat(found).equals(bytes)) return;
    throw new ConfigurationError(
      `What is written to the bucket "${this.place.bucket}" does not come back.`,
    );
  }

  private async remove({ source, copy }: Probes): Promise<void> {
    const { bucket } = this.place;
    const Objects = [{ Key: source }, { Key: copy }];
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const { Errors: [refused] = [] } = await sendCommand(this.place, command);
    if (refused) throw new S3AnswerError(403, refused.Code ?? '');
  }

  /**
   * Whether the server keeps a condition that does not hold; one that does not know it may ignore or refuse it. Any other
   * refusal says nothing of that: taken for a no, it would have files replaced until the app starts anew.
   */
  private async keeps(action: Promise<void>): Promise<boolean> {
    try {
      await action;
      return false;
    } catch (error) {
      if (isTaken(error)) return true;
      const { status, code } = failureOf(error);
      if (status === 501 || NOT_KNOWN.has(code)) return false;
      throw bucketError(error, this.place, 'tried out');
    }
  }

  private trying(done: string, action: Promise<void>): Promise<void> {
    return failing(action, (error) => bucketError(error, this.place, done));
  }
}

interface Probes {
  readonly source: string;
  readonly copy: string;
  readonly body: ObjectBytes;
}
