/** Somebody who sends byte by byte must not make us keep all of them apart. */
const MAX_PIECES = 256;

/** The bytes of a text while they arrive. */
export class PartText {
  private readonly blocks: Buffer[] = [];
  private pieces: Buffer[] = [];
  private length = 0;

  /** In bytes. */
  get size(): number {
    return this.length;
  }

  add(piece: Buffer): void {
    this.length += piece.length;
    this.pieces.push(piece);
    if (this.pieces.length < MAX_PIECES) return;
    this.blocks.push(Buffer.concat(this.pieces));
    this.pieces = [];
  }

  bytes(): Buffer {
    return Buffer.concat([...this.blocks, ...this.pieces]);
  }
}
