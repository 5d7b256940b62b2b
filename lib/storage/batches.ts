const BATCH_BYTES = 512 * 1024;
/** Somebody who sends byte by byte must not make us keep half a million of them apart. */
const BATCH_CHUNKS = 256;

/** Chunks that are written together. */
export interface Batch {
  readonly chunks: readonly Uint8Array[];
  /** In bytes. */
  readonly length: number;
  readonly isLast: boolean;
}

/** Few large writes: what arrives in pieces of the network's size is collected first. There is always a last batch. */
export async function* batchesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Batch, void> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < BATCH_BYTES && chunks.length < BATCH_CHUNKS) continue;
    yield { chunks, length, isLast: false };
    chunks = [];
    length = 0;
  }
  yield { chunks, length, isLast: true };
}
