import { createHash } from 'node:crypto';

/** Bytes to send: kept, so that they can be sent again. */
export interface ObjectBytes {
  readonly bytes: Buffer;
  /** In lowercase hex. It is signed, so that the server holds what arrives against it; without it TLS does that. */
  readonly sha256?: string;
}

export function hashedBytes(bytes: Buffer): ObjectBytes {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export const NO_BYTES = hashedBytes(Buffer.alloc(0));
