import { Readable } from 'node:stream';

const PIECE_BYTES = 64 * 1024;

/** The body of a request; `onPiece` is called when there is room for more of it, which a silent server does not make. */
export function sentBytes(bytes: Buffer, onPiece: () => void): Buffer | Readable {
  if (bytes.length <= PIECE_BYTES) return bytes;
  return Readable.from(piecesOf(bytes, onPiece), { objectMode: false });
}

function* piecesOf(bytes: Buffer, onPiece: () => void): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    onPiece();
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}
