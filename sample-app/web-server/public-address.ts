import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Where the web server listens. */
export interface PublicAddress {
  readonly host: string;
  readonly port: number;
}

/** The port that is asked for, or a free one for 0. @throws Error when another program has it. */
export async function publicAddress({ host, port }: PublicAddress): Promise<PublicAddress> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(
      `Nothing can listen on port ${port} of ${host}; set PORT and HOST to others. (${String(cause)})`,
      { cause },
    );
  }
  const address = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { host, port: address.port };
}

/** As it stands in a configuration, and in a URL. */
export function textOf(address: PublicAddress): string {
  return `${hostOf(address)}:${address.port}`;
}

/** An IPv6 address in its brackets. */
export function hostOf({ host }: PublicAddress): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** For a client on this machine. */
export function publicUrl({ host, port }: PublicAddress): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  return `http://${textOf({ host: everywhere ? 'localhost' : host, port })}`;
}

/** Resolves as soon as somebody listens. */
export async function isListening(
  { host, port }: PublicAddress,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const socket = connect({ host, port });
    try {
      await once(socket, 'connect', { signal });
      return;
    } catch {
      await setTimeout(20, undefined, { signal });
    } finally {
      socket.destroy();
    }
  }
}
