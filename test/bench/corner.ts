import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.js';
import { answerTo, bytesOf, type HttpAnswer, type HttpRequest } from './http-request.js';
import { cpuSeconds, mebibytes } from './process-cost.js';
import { startServer, type RunningServer, type ServerCommand } from './server-process.js';

/** One side: a server and what it is asked, which may hang on what it answered before (an ETag). */
export interface Contestant {
  readonly name: string;
  readonly server: ServerCommand;
  readonly request: (url: string) => Promise<HttpRequest>;
  /** Takes away what a round has left. */
  readonly tidy?: () => void | Promise<void>;
}

/** A contestant that is running, and how its rounds went. */
export interface Corner {
  readonly name: string;
  readonly server: RunningServer;
  readonly connect: () => Promise<Client>;
  readonly answer: HttpAnswer;
  /** What the server held before it was asked anything. */
  readonly idleMebibytes: number;
  readonly tidy?: () => void | Promise<void>;
  readonly rates: number[];
  readonly costs: number[];
}

/** Starts a server. */
export async function enter(
  { name, server: command, request, tidy }: Contestant,
  connections: number,
): Promise<Corner> {
  const server = await startServer(command);
  try {
    const idleMebibytes = mebibytes(server.pid);
    const asked = await request(server.url);
    const answer = await answerTo(server.url, asked);
    const connect = () => Client.connect(server.url, bytesOf(asked), connections);
    return { name, server, connect, answer, idleMebibytes, tidy, rates: [], costs: [] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const WARM_UP_STEP_MS = 500;

/**
 * Warms servers up, each for so long, in turns: V8 throws away code of who has nothing to do for seconds, and whoever was
 * warm first would be cold again when the other is.
 */
export async function warmUp(corners: readonly Corner[], milliseconds: number): Promise<void> {
  const clients = await Promise.all(corners.map(({ connect }) => connect()));
  for (let left = milliseconds; left > 0; left -= WARM_UP_STEP_MS) {
    for (const [index, client] of clients.entries()) {
      await client.run(WARM_UP_STEP_MS);
      await corners[index]?.tidy?.();
    }
  }
  for (const client of clients) client.close();
}

const SETTLE_MS = 20;

/** One round, on connections of its own: Node closes those that are idle for 5 seconds. */
export async function fight(
  { server, connect, rates, costs, tidy }: Corner,
  milliseconds: number,
): Promise<void> {
  const client = await connect();
  await sleep(SETTLE_MS); // the other side may still be closing files
  const before = cpuSeconds(server.pid);
  const { responses, seconds } = await client.run(milliseconds);
  client.close();
  await sleep(SETTLE_MS);
  rates.push(responses / seconds);
  costs.push(((cpuSeconds(server.pid) - before) / responses) * 1e6);
  await tidy?.();
}
