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
  readonly tidy?: () => void;
}

/** A contestant that is running, and how its rounds went. */
export interface Corner {
  readonly name: string;
  readonly server: RunningServer;
  readonly client: Client;
  readonly answer: HttpAnswer;
  /** What the server held before it was asked anything. */
  readonly idleMebibytes: number;
  readonly tidy?: () => void;
  readonly rates: number[];
  readonly costs: number[];
}

export async function enter(
  { name, server: command, request, tidy }: Contestant,
  connections: number,
): Promise<Corner> {
  const server = await startServer(command);
  try {
    const idleMebibytes = mebibytes(server.pid);
    const asked = await request(server.url);
    const answer = await answerTo(server.url, asked);
    const client = await Client.connect(server.url, bytesOf(asked), connections);
    return { name, server, client, answer, idleMebibytes, tidy, rates: [], costs: [] };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const SETTLE_MS = 20;

/** One round. */
export async function fight(
  { server, client, rates, costs, tidy }: Corner,
  milliseconds: number,
): Promise<void> {
  await sleep(SETTLE_MS); // the other side may still be closing files
  const before = cpuSeconds(server.pid);
  const { responses, seconds } = await client.run(milliseconds);
  await sleep(SETTLE_MS);
  rates.push(responses / seconds);
  costs.push(((cpuSeconds(server.pid) - before) / responses) * 1e6);
  tidy?.();
}
