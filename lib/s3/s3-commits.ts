import { createHash } from 'node:crypto';
import { FileNotFoundError } from '../private-storage.errors.js';
import type { BucketAbilities } from './bucket-probe.js';
import { NO_BYTES } from './object-bytes.js';
import { MARK, type ObjectCopy, type S3Copies } from './s3-copies.js';
import type { S3Download } from './s3-download.js';
import { failureOf } from './s3-errors.js';
import { deleteObject } from './s3-objects.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/**
 * Gives an object a second name that nobody has, by what the server can do:
 *
 * - it copies under a condition (AWS): the server decides, in one step;
 * - it writes under a condition: whoever makes the small object that stands for the name has the name to himself until
 *   the copy is made. All who ask so, in any process, get to know that it is taken;
 * - it does neither: names are kept apart in this process only.
 */
export class S3Commits {
  private readonly names = new Set<string>();

  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
    private readonly copies: S3Copies,
    private readonly download: S3Download,
  ) {}

  /** False when the name is taken. @throws what the SDK throws, with status 404 for a missing source. */
  copyToNew(
    copy: ObjectCopy,
    { copiesOnCondition, writesOnCondition }: BucketAbilities,
  ): Promise<boolean> {
    if (copiesOnCondition) return this.copyOnCondition(copy);
    return writesOnCondition ? this.copyWithReservation(copy) : this.copyAlone(copy);
  }

  private async copyOnCondition(copy: ObjectCopy): Promise<boolean> {
    try {
      await this.copies.copy({ ...copy, ifNew: true });
      return true;
    } catch (error) {
      if (!isTaken(error)) throw error;
      return isRepeated(error) && (await this.isOurs(copy));
    }
  }

  /** An answer that was lost is asked for again, and then the name is taken: by ourselves. */
  private async isOurs({ to, mark }: ObjectCopy): Promise<boolean> {
    const headers = this.place.encryption.readHeaders;
    const answer = await this.requests.send({ method: 'HEAD', name: to, headers });
    return mark !== undefined && answer.headers[`x-amz-meta-${MARK}`] === mark;
  }

  private async copyWithReservation(copy: ObjectCopy): Promise<boolean> {
    const reservation = this.reservationOf(copy.to);
    if (!(await this.reserve(reservation))) return false;
    // Without an answer the copy may still be made: the name then stays reserved until it is swept.
    let isDecided = true;
    try {
      if (!(await this.isFree(copy.to))) return false;
      isDecided = false;
      await this.copies.copy(copy);
      isDecided = true;
      return true;
    } catch (error) {
      const { status } = failureOf(error);
      if (status >= 400 && status < 500) isDecided = true;
      throw error;
    } finally {
      if (isDecided) await this.release(reservation);
    }
  }

  private async copyAlone(copy: ObjectCopy): Promise<boolean> {
    if (this.names.has(copy.to)) return false;
    this.names.add(copy.to);
    try {
      const isFree = await this.isFree(copy.to);
      if (isFree) await this.copies.copy(copy);
      return isFree;
    } finally {
      this.names.delete(copy.to);
    }
  }

  private reservationOf(name: string): string {
    return this.place.stagingName(`name-${createHash('sha256').update(name).digest('base64url')}`);
  }

  private async reserve(name: string): Promise<boolean> {
    try {
      const headers = { ...this.place.encryption.writeHeaders, 'if-none-match': '*' };
      await this.requests.send({ method: 'PUT', name, headers, body: NO_BYTES });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  /** When it fails the name counts as taken until it is swept. */
  private async release(name: string): Promise<void> {
    await deleteObject(this.requests, name).catch(() => undefined);
  }

  private async isFree(name: string): Promise<boolean> {
    try {
      await this.download.stat(name);
      return false;
    } catch (error) {
      if (error instanceof FileNotFoundError) return true;
      throw error;
    }
  }
}

/** 409 is AWS's word for somebody who is about to take the name. */
function isTaken(error: unknown): boolean {
  const { status, code } = failureOf(error);
  return status === 412 || (status === 409 && code === 'ConditionalRequestConflict');
}

function isRepeated(error: unknown): boolean {
  const { $metadata } = Object(error) as { $metadata?: { attempts?: number } };
  return ($metadata?.attempts ?? 1) > 1;
}
