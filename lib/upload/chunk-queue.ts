const HIGH_WATER_BYTES = 512 * 1024;

/** What a chunk costs besides its bytes: a client decides how many there are of them. */
const CHUNK_BYTES = 256;

/** Who fills a {@link ChunkQueue}, and has to stop for a while when it is full. */
export interface ChunkSource {
  hold(): void;
  release(): void;
}

/**
 * Bytes that are pushed in as they arrive and pulled out by one reader. A stream's own iterator would join, and so copy,
 * whatever has piled up, and a generator costs a few promises more for each chunk.
 */
export class ChunkQueue implements AsyncIterableIterator<Uint8Array, undefined> {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;
  private isHolding = false;
  private isEnded = false;
  private failure?: Error;
  private wake?: () => void;

  constructor(private readonly source: ChunkSource) {}

  push(chunk: Uint8Array): void {
    if (this.failure) return;
    this.chunks.push(chunk);
    this.size += chunk.length + CHUNK_BYTES;
    if (!this.isHolding && this.size >= HIGH_WATER_BYTES) {
      this.isHolding = true;
      this.source.hold();
    }
    this.wake?.();
  }

  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  /** The reader gets `error` in the place of whatever it has not read yet. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.chunks.length > 0 || this.isEnded || this.failure) return this.result();
    return new Promise<void>((resolve) => (this.wake = resolve)).then(() => this.result());
  }

  private async result(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.failure) throw this.failure;
    const value = this.chunks.shift();
    if (!value) return { done: true, value };
    this.took(value.length);
    return { done: false, value };
  }

  private took(length: number): void {
    this.size -= length + CHUNK_BYTES;
    if (!this.isHolding || this.size > HIGH_WATER_BYTES / 2) return;
    this.isHolding = false;
    this.source.release();
  }
}
