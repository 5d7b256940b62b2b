/** Bytes whose beginning can be looked at first: what was peeked comes again when they are read. */
export class PeekableBytes implements AsyncIterable<Uint8Array> {
  private readonly source: AsyncIterator<Uint8Array>;
  private head: Uint8Array[] = [];
  private length = 0;
  private isAtEnd = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The first `length` bytes; fewer only when there are no more. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.length < length && !this.isAtEnd) {
      const next = await this.source.next();
      if (next.done === true) {
        this.isAtEnd = true;
      } else {
        this.head.push(next.value);
        this.length += next.value.length;
      }
    }
    if (this.head.length > 1) this.head = [Buffer.concat(this.head)];
    return this.head[0]?.subarray(0, length) ?? new Uint8Array();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.head;
      for (;;) {
        const next = await this.source.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await this.source.return?.();
    }
  }
}
