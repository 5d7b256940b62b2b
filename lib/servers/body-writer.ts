import type { ServerResponse } from 'node:http';

/** Writes a body of known length as fast as the client takes it. Nothing here waits for a client that has left. */
export class BodyWriter {
  private left: number;
  private readonly closed: Promise<void>;
  private wake?: () => void;
  private isOver = false; // HTTP/2 has no `destroyed` on its responses

  /**
   * Whether the memory of bytes may be used again once they are written, or the response is over. A stream of HTTP/2 may
   * be over while the system still has to take its last bytes: what came into their memory then would be sent.
   */
  readonly isDoneWithBytes: boolean;

  constructor(
    private readonly response: ServerResponse,
    length: number,
  ) {
    this.left = length;
    const { socket, req } = response;
    this.isDoneWithBytes = req.httpVersionMajor < 2;
    this.closed = new Promise((resolve) => {
      response.once('close', () => {
        this.isOver = true;
        // Somebody else may have ended it, and the client would take the next answer for the rest of this one.
        if (this.left > 0) socket?.destroy();
        this.wake?.();
        resolve();
      });
    });
  }

  /** Whether more can be sent; false also when the client has left. */
  get isOpen(): boolean {
    return !this.isOver && !this.response.destroyed && !this.response.writableEnded;
  }

  /** Waits until the bytes have left, or the client has. The last bytes end the response. */
  async write(chunk: Uint8Array): Promise<void> {
    if (!this.isOpen || chunk.length === 0) return;
    this.left -= chunk.length;
    if (this.left < 0) throw new RangeError('The body is longer than was announced.');
    if (this.left === 0) {
      this.response.end(chunk);
      return this.closed;
    }
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (Object.hasOwn(this.response, 'write')) this.writeThrough(chunk, resolve);
      else this.response.write(chunk, () => resolve());
    });
  }

  /** Waits until the response is over. @throws RangeError when it ended before the announced length. */
  async finish(): Promise<void> {
    if (this.left > 0 && !this.isOver && !this.response.destroyed)
      throw new RangeError('The body is shorter than was announced.');
    await this.closed;
  }

  breakOff(): void {
    breakOff(this.response);
  }

  /** A middleware has put a `write` of its own in place (compression does), and such forget callbacks and keep bytes. */
  private writeThrough(chunk: Uint8Array, resolve: () => void): void {
    if (this.response.write(Buffer.from(chunk))) resolve();
    else this.response.once('drain', resolve);
  }
}

/** Breaks an answer off. A stream of HTTP/2 that is destroyed without an error has ended well. */
export function breakOff(response: ServerResponse): void {
  if (response.req.httpVersionMajor === 2) response.destroy(new Error('The body is incomplete.'));
  else response.destroy();
}
