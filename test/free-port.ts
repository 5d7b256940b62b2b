import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the kernel gives to whoever asks for any: 32,768 and up. */
const FIRST_PORT = 20_000;
/** Each worker of Jest has its own, so that no other is given the same before somebody listens. */
const PORTS_OF_A_WORKER = 1_000;

const worker = Number(process.env.JEST_WORKER_ID ?? 0) % 10;
let calls = randomInt(PORTS_OF_A_WORKER); // servers of an earlier test file may still be about to end

/** A port of 127.0.0.1 for a program that cannot be given port 0. Nobody else gets it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + worker * PORTS_OF_A_WORKER + (calls++ % PORTS_OF_A_WORKER);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
