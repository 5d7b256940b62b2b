import { Injectable } from '@nestjs/common';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A file of the library's own that a check asks for. */
export interface Probe {
  readonly storageName: string;
  readonly key: string;
}

interface OpenDoor {
  readonly digest: Buffer;
  readonly probe: Probe;
}

/**
 * The way to a probe without the guards. It is closed: a token opens it for one request, and only while the check that
 * made the token waits for the answer.
 */
@Injectable()
export class ProbeDoor {
  private readonly open = new Set<OpenDoor>();

  /** Calls `ask` with a token that is worth nothing before and afterwards; tells also whether it was used. */
  async during<T>(
    probe: Probe,
    ask: (token: string) => Promise<T>,
  ): Promise<{ answer: T; wasAsked: boolean }> {
    const token = randomBytes(32).toString('hex');
    const door = { digest: digestOf(token), probe };
    this.open.add(door);
    try {
      const answer = await ask(token);
      return { answer, wasAsked: !this.open.has(door) };
    } finally {
      this.open.delete(door);
    }
  }

  /** The probe behind a token, which is used up by that. */
  enter(token: unknown): Probe | undefined {
    if (typeof token !== 'string' || this.open.size === 0) return undefined;
    const digest = digestOf(token);
    const door = [...this.open].find((open) => timingSafeEqual(open.digest, digest));
    if (door) this.open.delete(door);
    return door?.probe;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
