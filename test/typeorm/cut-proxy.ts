import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A way to a PostgreSQL server that breaks, when told to, after the next COMMIT was passed on and before its answer is. */
export interface CutProxy {
  readonly url: string;
  cutNextCommit(): void;
  stop(): void;
}

export async function startCutProxy(target: string): Promise<CutProxy> {
  const { hostname, port } = new URL(target);
  let isArmed = false;
  const server = createServer((client) => {
    const database = connect(Number(port), hostname);
    let isCut = false;
    client.on('data', (bytes) => {
      database.write(bytes);
      if (!isArmed || !bytes.includes('COMMIT')) return;
      [isArmed, isCut] = [false, true];
    });
    database.on('data', (bytes) => {
      if (isCut) client.destroy();
      else client.write(bytes);
    });
    client.on('close', () => database.destroy()).on('error', () => undefined);
    database.on('close', () => client.destroy()).on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutNextCommit: () => void (isArmed = true),
    stop: () => void server.close(),
  };
}
