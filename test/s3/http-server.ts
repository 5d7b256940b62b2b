import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on a free port that stands for S3. */
export class HttpServer {
  private constructor(private readonly server: Server) {}

  static async start(answer: RequestListener): Promise<HttpServer> {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
