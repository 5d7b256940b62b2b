const STATUS_LINE_BYTES = 'HTTP/1.1 200'.length;
const HEAD_END = '\r\n\r\n';

/**
 * Tells where the responses of one connection end, at the price of an addition: all answers to one request are as long
 * as the first, whose head is read.
 */
export class ResponseCounter {
  private head = Buffer.alloc(0);
  private statusLine = '';
  private length = Infinity;
  private seen = 0;

  /** Takes what has arrived; whether that was the end of a response. */
  push(bytes: Buffer): boolean {
    if (this.length === Infinity) this.learn(bytes);
    else if (this.seen === 0) this.assertSameStatus(bytes);
    this.seen += bytes.length;
    if (this.seen > this.length) throw new Error('A response is longer than the first one was.');
    if (this.seen < this.length) return false;
    this.seen = 0;
    return true;
  }

  private learn(bytes: Buffer): void {
    this.head = Buffer.concat([this.head, bytes]);
    const end = this.head.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.head.toString('latin1', 0, end);
    this.statusLine = head.slice(0, STATUS_LINE_BYTES);
    this.length = end + HEAD_END.length + bodyLength(head);
  }

  private assertSameStatus(bytes: Buffer): void {
    const start = bytes.toString('latin1', 0, STATUS_LINE_BYTES);
    if (!this.statusLine.startsWith(start)) {
      throw new Error(`Expected ${this.statusLine}, but got ${start}.`);
    }
  }
}

function bodyLength(head: string): number {
  if (/^HTTP\/1\.1 (?:204|304)/.test(head)) return 0;
  const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
  if (length === undefined) throw new Error(`A response without Content-Length:\n${head}`);
  return Number(length);
}
