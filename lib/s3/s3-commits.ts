import { createHash } from 'node:crypto';
import type { BucketAbilities } from './bucket-probe.js';
import { NO_BYTES } from './object-bytes.js';
import { MARK_HEADER, type ObjectCopy, type S3Copies } from './s3-copies.js';
import { deleteShared } from './s3-deletes.js';
import { failureBehind, isTaken, mayBeServed } from './s3-errors.js';
import { findObject } from './s3-objects.js';
import { newStagedId, type S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** A copy that can be told from another's. */
type MarkedCopy = ObjectCopy & { readonly mark: string };

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
  ) {}

  /** False when the name is taken. @throws what the SDK throws, with status 404 for a missing source. */
  copyToNew(
    copy: MarkedCopy,
    { copiesOnCondition, writesOnCondition }: BucketAbilities,
  ): Promise<boolean> {
    if (copiesOnCondition) return this.copyOnCondition(copy);
    return this.alone(copy.to, () =>
      writesOnCondition ? this.copyWithReservation(copy) : this.copyIfFree(copy),
    );
  }

  /** Without an answer, or with one to a repeat, the copy may have been made all the same. */
  async copy(copy: MarkedCopy): Promise<void> {
    try {
      await this.copies.copy(copy);
    } catch (error) {
      if (!isUndecided(error) || !(await this.isMarked(copy.to, copy.mark))) throw error;
    }
  }

  private async copyOnCondition(copy: MarkedCopy): Promise<boolean> {
    try {
      await this.copy({ ...copy, ifNew: true });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  private async copyWithReservation(copy: MarkedCopy): Promise<boolean> {
    const reservation = this.reservationOf(copy.to);
    const mark = newStagedId(); // not the copy's: a staged file may be committed twice at once
    if (!(await this.reserve(reservation, mark))) return false;
    // A copy that is not there may still be made: the name then stays reserved until it is swept.
    let isDecided = true;
    try {
      if (!(await this.isFree(copy.to))) return false;
      isDecided = false;
      await this.copy(copy);
      isDecided = true;
      return true;
    } catch (error) {
      isDecided ||= !isUndecided(error);
      throw error;
    } finally {
      if (isDecided) await this.release(reservation, mark);
    }
  }

  private async copyIfFree(copy: MarkedCopy): Promise<boolean> {
    const isFree = await this.isFree(copy.to);
    if (isFree) await this.copy(copy);
    return isFree;
  }

  /** With a reservation too: in a versioned bucket Ceph lets all have it that ask in the same instant. */
  private async alone(name: string, give: () => Promise<boolean>): Promise<boolean> {
    if (this.names.has(name)) return false;
    this.names.add(name);
    try {
      return await give();
    } finally {
      this.names.delete(name);
    }
  }

  private reservationOf(name: string): string {
    return this.place.stagingName(`name-${createHash('sha256').update(name).digest('base64url')}`);
  }

  private async reserve(name: string, mark: string): Promise<boolean> {
    const { writeHeaders } = this.place.encryption;
    try {
      const headers = { ...writeHeaders, 'if-none-match': '*', [MARK_HEADER]: mark };
      await this.requests.send({ method: 'PUT', name, headers, body: NO_BYTES });
      return true;
    } catch (error) {
      if (isTaken(error)) return this.isMarked(name, mark);
      throw error;
    }
  }

  /** When it fails the name counts as taken until it is swept. */
  private async release(name: string, mark: string): Promise<void> {
    await deleteShared(this.place, this.requests, name, { mark }).catch(() => undefined);
  }

  private async isFree(name: string): Promise<boolean> {
    try {
      return (await findObject(this.place, this.requests, name)) === undefined;
    } catch (error) {
      if (failureBehind(error).status === 400) return false; // there, and encrypted otherwise
      throw error;
    }
  }

  /** Whether it is the object with that mark that has the name. */
  private async isMarked(name: string, mark: string): Promise<boolean> {
    const headers = await findObject(this.place, this.requests, name);
    return headers?.[MARK_HEADER] === mark;
  }
}

/** Of a repeat it is the attempt before it of which nothing is known. */
function isUndecided(error: unknown): boolean {
  const { $metadata } = Object(error) as { $metadata?: { attempts?: number } };
  return mayBeServed(error) || ($metadata?.attempts ?? 1) > 1;
}
