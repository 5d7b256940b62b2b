/** What is read from a disk at once. */
export const CHUNK_BYTES = 512 * 1024;

/** Small files and ranges, and all others. */
const SIZES = [64 * 1024, CHUNK_BYTES];

/** More than these, of each size, wait for nobody. */
const MAX_SPARE = 32;

/** Buffers that are used again: the kernel hands out new memory by the page, which costs as much as to fill it. */
export class BufferPool {
  private readonly spare = new Map(SIZES.map((size) => [size, [] as Buffer[]]));

  /** A buffer of at least `size` bytes, at most {@link CHUNK_BYTES}, with bytes of other files in it. */
  take(size: number): Buffer {
    const length = SIZES.find((one) => one >= size) ?? CHUNK_BYTES;
    return this.spare.get(length)?.pop() ?? Buffer.allocUnsafeSlow(length);
  }

  /** Takes a buffer back that nobody reads or writes any more. */
  give(buffer: Buffer): void {
    const spare = this.spare.get(buffer.length);
    if (spare && spare.length < MAX_SPARE) spare.push(buffer);
  }
}
