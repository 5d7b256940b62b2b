import { createHash } from 'node:crypto';
import { request as send, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

/** What is asked of a server, again and again. */
export interface HttpRequest {
  /** Default: GET. */
  readonly method?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** An answer, its body as a hash. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  readonly sha256: string;
}

/** The request as it goes over the wire. */
export function bytesOf({ method = 'GET', path, headers, body }: HttpRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), ...(body ? [body] : [])]);
}

/** Asks once, with Node's own client, which knows HTTP; the one that measures only counts. */
export async function answerTo(origin: string, request: HttpRequest): Promise<HttpAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, headers } = request;
    send(origin + request.path, { method, headers, agent: false }, resolve)
      .on('error', reject)
      .end(request.body);
  });
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const { statusCode: status = 0, headers } = response;
  return { status, headers, bytes, sha256: hash.digest('hex') };
}
