import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** `Name: value`, in the order they came, without `Date`. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Opens a connection that says nothing by itself. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Sends a request target exactly as it is written, which `fetch` does not. */
export async function rawRequest(
  url: string,
  method: string,
  target: string,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const socket = await openSocket(url);
  socket.write(head(method, target, { ...headers, Connection: 'close' }), 'latin1');
  return parseAnswer(await everything(socket));
}

/** The text of a request without a body. */
export function head(method: string, target: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ Host: 'files.test', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [`${method} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

/** All that comes until the other side ends. */
export async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined); // a broken connection ends what came
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks);
}

export function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...headers] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: headers.filter((line) => !line.startsWith('Date: ')),
    body: bytes.subarray(end + 4),
  };
}
