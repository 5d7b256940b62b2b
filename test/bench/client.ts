import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ResponseCounter } from './response-counter.js';

/** What happened in a stretch of time. */
export interface Run {
  readonly responses: number;
  readonly seconds: number;
}

const RECEIVE_BYTES = 512 * 1024;
const STUCK_MS = 20_000;

/** Keep-alive connections with one request in flight each. It costs next to nothing, so that the server is what limits. */
export class Client {
  private constructor(private readonly connections: readonly Connection[]) {}

  static async connect(url: string, request: Buffer, connections: number): Promise<Client> {
    const port = Number(new URL(url).port);
    const opened = Array.from({ length: connections }, () => new Connection(port, request));
    await Promise.all(opened.map((connection) => connection.ready()));
    return new Client(opened);
  }

  /** Asks for `milliseconds`, and waits for the answers that are then still on their way. */
  async run(milliseconds: number): Promise<Run> {
    const start = performance.now();
    const deadline = start + milliseconds;
    let isRunning = true;
    const stayAwake = (): void => {
      if (isRunning) setImmediate(stayAwake); // to wake a sleeping client is work that is charged to the server
    };
    stayAwake();
    const asking = this.connections.map((one) => one.askUntil(deadline));
    const counts = await Promise.all(asking).finally(() => (isRunning = false));
    const seconds = (performance.now() - start) / 1000;
    return { responses: counts.reduce((sum, count) => sum + count, 0), seconds };
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }
}

class Connection {
  private readonly socket: Socket;
  private readonly counter = new ResponseCounter();
  private responded: () => void = () => undefined;

  constructor(
    port: number,
    private readonly request: Buffer,
  ) {
    const buffer = Buffer.allocUnsafe(RECEIVE_BYTES);
    const callback = (length: number): boolean => {
      this.receive(buffer.subarray(0, length));
      return true;
    };
    const noDelay = true;
    this.socket = connect({ port, host: '127.0.0.1', noDelay, onread: { buffer, callback } });
    this.socket.setTimeout(STUCK_MS);
  }

  async ready(): Promise<void> {
    await once(this.socket, 'connect');
  }

  askUntil(deadline: number): Promise<number> {
    return new Promise((resolve, reject) => {
      let count = 0;
      const fail = (error?: Error) =>
        reject(error ?? new Error('The connection broke or got stuck.'));
      this.socket.once('error', fail).once('close', fail).once('timeout', fail);
      this.responded = () => {
        count++;
        if (performance.now() < deadline) {
          this.socket.write(this.request);
          return;
        }
        this.socket.off('error', fail).off('close', fail).off('timeout', fail);
        resolve(count);
      };
      this.socket.write(this.request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(bytes: Buffer): void {
    try {
      if (this.counter.push(bytes)) this.responded();
    } catch (error) {
      this.socket.destroy(error instanceof Error ? error : undefined);
    }
  }
}
