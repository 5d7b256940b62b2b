import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A page that is open. */
interface OpenPage {
  /** Rejects when the browser ends by itself. */
  readonly running: Promise<never>;
  /** Ends the browser, and comes back when nobody writes into its profile any more. */
  close(): Promise<void>;
}

/** Opens a page in a Chromium without a window, which writes into the folder `profile` only. */
export function openPage(url: string, profile: string): OpenPage {
  const browser = spawn(
    'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      ...[`--user-data-dir=${profile}`, url],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let output = '';
  for (const stream of [browser.stdout, browser.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const closed = once(browser, 'close'); // all of its processes have these streams
  const running = closed.then(() => {
    throw new Error(`Chromium ended by itself: ${output}`);
  });
  running.catch(() => undefined);
  return {
    running,
    async close() {
      if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
      await closed;
    },
  };
}
