/** Of S3, but for the last part. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;

/** More than these wait for nobody. */
const MAX_SPARE = 8;

/** Memory for the parts of uploads, used again: the kernel hands out new memory by the page. */
export class PartBuffers {
  private readonly spare: Buffer[] = [];

  take(size: number): Buffer {
    const found = size === MIN_PART_BYTES ? this.spare.pop() : undefined;
    return found ?? Buffer.allocUnsafeSlow(size);
  }

  /** Takes memory back that nobody sends from any more. Pieces of it, and other sizes, are left to the garbage collector. */
  give(buffer: Buffer): void {
    if (buffer.length === MIN_PART_BYTES && this.spare.length < MAX_SPARE) this.spare.push(buffer);
  }
}
