import { createHash } from 'node:crypto';

/** Bytes to send: kept, so that they can be sent again. */
export interface ObjectBytes {
  readonly bytes: Buffer;
  /** In lowercase hex. It is signed, so that every server holds what arrives against it. */
  readonly sha256: string;
}

export function objectBytesOf(bytes: Buffer): ObjectBytes {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export const NO_BYTES = objectBytesOf(Buffer.alloc(0));
