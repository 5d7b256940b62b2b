/** Somebody who sends byte by byte must not make us keep half a million of them apart. */
const MAX_PIECES = 4096;

/** Bytes whose beginning can be looked at first: what was peeked comes again when they are read. */
export class PeekableBytes implements AsyncIterableIterator<Uint8Array, undefined> {
  private readonly source: AsyncIterator<Uint8Array>;
  private head: Uint8Array[] = [];
  private length = 0;
  private isAtEnd = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The first `length` bytes; fewer only when there are no more. Not after the first {@link next}. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.length < length && !this.isAtEnd) {
      const next = await this.source.next();
      if (next.done === true) {
        this.isAtEnd = true;
        break;
      }
      this.head.push(next.value);
      this.length += next.value.length;
      if (this.head.length >= MAX_PIECES) this.join();
    }
    this.join();
    return this.head[0]?.subarray(0, length) ?? new Uint8Array();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const value = this.head.pop(); // peek() has made one of them
    if (value) return Promise.resolve({ done: false, value });
    return this.isAtEnd ? Promise.resolve({ done: true, value }) : this.source.next();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.isAtEnd = true;
    await this.source.return?.();
    return { done: true, value: undefined };
  }

  private join(): void {
    if (this.head.length > 1) this.head = [Buffer.concat(this.head)];
  }
}
