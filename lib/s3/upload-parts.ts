import { createHash, type Hash } from 'node:crypto';
import { batchesOf } from '../storage/batches.js';
import { hashedBytes, type ObjectBytes } from './object-bytes.js';
import { MIN_PART_BYTES, type PartBuffers } from './part-buffers.js';

/** A piece of an upload. */
export interface UploadPart extends ObjectBytes {
  /** From 1. */
  readonly number: number;
  readonly isLast: boolean;
}

/** With parts of a 1,280th of what went before them 10,000 are enough for 5 TiB, and up to 6 GiB all have the least size. */
const GROWTH = 1_280;

/** The size of the part that follows on `sent` bytes. */
export function partSizeAfter(sent: number, fixed?: number): number {
  return fixed ?? Math.max(MIN_PART_BYTES, Math.ceil(sent / GROWTH));
}

interface Cutting {
  readonly buffers: PartBuffers;
  /** Whether parts are hashed, while they come; asked once there are bytes. */
  readonly isHashed: () => Promise<boolean>;
  /** Of each part, where it does not grow with what was sent. */
  readonly partSize?: number;
}

/** Bytes of unknown number in parts of known size. There is always a last part. */
export async function* partsOf(
  bytes: AsyncIterable<Uint8Array>,
  { buffers, isHashed, partSize }: Cutting,
): AsyncGenerator<UploadPart, void> {
  let sent = 0;
  let part: GrowingPart | undefined;
  const next = async (): Promise<GrowingPart> =>
    new GrowingPart(
      (part?.number ?? 0) + 1,
      buffers.take(partSizeAfter(sent, partSize)),
      (await isHashed()) ? createHash('sha256') : undefined,
    );
  for await (const { chunks, isLast } of batchesOf(bytes)) {
    if (!part && isLast) {
      const whole = Buffer.concat(chunks);
      yield { number: 1, isLast, ...((await isHashed()) ? hashedBytes(whole) : { bytes: whole }) };
      return;
    }
    part ??= await next();
    for (const chunk of chunks) {
      for (let rest = part.take(chunk); rest.length > 0; rest = part.take(rest)) {
        yield part.end(false);
        sent += part.length;
        part = await next();
      }
    }
  }
  if (part) yield part.end(true);
}

class GrowingPart {
  length = 0;

  constructor(
    readonly number: number,
    private readonly buffer: Buffer,
    private readonly hash?: Hash,
  ) {}

  /** Returns what has no room. */
  take(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, this.buffer.length - this.length);
    this.buffer.set(taken, this.length);
    this.hash?.update(taken);
    this.length += taken.length;
    return chunk.subarray(taken.length);
  }

  end(isLast: boolean): UploadPart {
    const { number, buffer, length } = this;
    const bytes = length === buffer.length ? buffer : buffer.subarray(0, length);
    return { number, isLast, bytes, sha256: this.hash?.digest('hex') };
  }
}
