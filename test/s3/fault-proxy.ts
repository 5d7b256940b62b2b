import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What goes wrong with one request. `after` counts bytes of the request or of its answer, heads included. */
export type Fault =
  | { readonly kind: 'latency'; readonly ms: number }
  | {
      /** One that stalls keeps the connection, and says nothing more. */
      readonly kind: 'reset' | 'end' | 'stall';
      readonly of: 'request' | 'answer';
      readonly after: number;
      /** Done before the client notices. */
      readonly meanwhile?: () => Promise<unknown>;
    }
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'refuse' | 'black hole' | 'slow down' };

/** Said in the place of what the server would. */
export function answer(status: number, body: string): Fault {
  return { kind: 'answer', status, body };
}

/** An answer of S3's that it does not do what it was asked for. */
export function refusal(status: number, code: string): Fault {
  return answer(status, `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}

const SLOW_DOWN = refusal(503, 'SlowDown');
const HEAD_BYTES = 4096;
const NEW_REQUEST = /^[A-Z]{3,7} \//;

/** Stands between a client and an HTTP/1.1 server without TLS, and breaks what it is told to break. */
export class FaultProxy {
  /** Requests that were seen, the broken ones too. */
  requests = 0;
  private fault?: Fault;
  private times = 0;
  private requestsMeant = /^/;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private readonly server: Server,
  ) {
    server.on('connection', (client) => void this.relay(client).catch(() => client.destroy()));
  }

  static async start(target: string): Promise<FaultProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    const proxy = new FaultProxy(new URL(target), server);
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Open ones, of both sides. */
  get connections(): number {
    return this.sockets.size;
  }

  /** Breaks the next requests, or those with such a head, on connections that are open already too. */
  strike(fault: Fault, times = Infinity, requestsMeant = /^/): void {
    this.fault = fault.kind === 'slow down' ? SLOW_DOWN : fault;
    this.times = times;
    this.requestsMeant = requestsMeant;
  }

  heal(): void {
    this.times = 0;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async relay(client: Socket): Promise<void> {
    const upstream = connect({ host: this.target.hostname, port: Number(this.target.port) });
    const exchange: Exchange = { seen: { request: 0, answer: 0 } };
    for (const socket of [client, upstream]) {
      this.sockets.add(socket.setNoDelay());
      socket.on('error', () => undefined).once('close', () => this.sockets.delete(socket));
    }
    client.once('close', () => upstream.destroy());
    void this.answer(upstream, client, exchange).catch(() => client.destroy());
    for await (const chunk of client as AsyncIterable<Buffer>) {
      const head = chunk.toString('latin1', 0, HEAD_BYTES);
      if (NEW_REQUEST.test(head)) {
        this.requests++;
        exchange.seen = { request: 0, answer: 0 };
        const isMeant = this.requestsMeant.test(head);
        exchange.fault = isMeant && this.times-- > 0 ? this.fault : undefined;
      }
      const { fault } = exchange;
      if (fault?.kind === 'refuse') client.resetAndDestroy();
      if (fault?.kind === 'black hole') continue;
      if (fault?.kind === 'latency') await sleep(fault.ms);
      if (fault?.kind !== 'answer') await pass(chunk, upstream, client, exchange, 'request');
      else if (!client.writableEnded) client.end(answerOf(fault));
    }
    upstream.end();
  }

  private async answer(upstream: Socket, client: Socket, exchange: Exchange): Promise<void> {
    for await (const chunk of upstream as AsyncIterable<Buffer>) {
      await pass(chunk, client, client, exchange, 'answer');
    }
    client.end();
  }
}

interface Exchange {
  fault?: Fault;
  seen: { request: number; answer: number };
}

/** Hands a chunk on, or what is left of it, and then breaks the client's connection. */
async function pass(
  chunk: Buffer,
  target: Socket,
  client: Socket,
  { fault, seen }: Exchange,
  of: 'request' | 'answer',
): Promise<void> {
  const isCut = fault !== undefined && 'of' in fault && fault.of === of;
  const room = isCut ? Math.max(0, fault.after - seen[of]) : chunk.length;
  seen[of] += chunk.length;
  const hasRoom = target.write(chunk.subarray(0, room));
  if (isCut && room < chunk.length) {
    await fault.meanwhile?.();
    if (fault.kind === 'reset') client.resetAndDestroy();
    if (fault.kind === 'end') client.end();
  } else if (!hasRoom) {
    const over = new AbortController(); // takes the other's listeners off
    const { signal } = over;
    const ends = ['drain', 'close'].map((event) => once(target, event, { signal }));
    await Promise.race(ends).finally(() => over.abort());
  }
}

function answerOf({ status, body }: { status: number; body: string }): string {
  const head = [`HTTP/1.1 ${status} Said`, 'Content-Type: application/xml', 'Connection: close'];
  return `${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
