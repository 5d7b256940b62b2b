import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that gives one answer to all. */
export class StubServer {
  private constructor(private readonly server: Server) {}

  static async start(
    status: number,
    code: string,
    headers: Record<string, string> = {},
  ): Promise<StubServer> {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/xml', ...headers });
      response.end(
        `<?xml version="1.0"?><Error><Code>${code}</Code><Message>private-media/secret.txt</Message></Error>`,
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StubServer(server);
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
