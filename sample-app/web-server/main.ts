import { launch, WEB_SERVERS } from './launch.js';

const name = process.argv[2] ?? '';
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => stop.abort());

try {
  if (!isWebServer(name)) {
    throw new Error(`Name the web server to start: ${Object.keys(WEB_SERVERS).join(', ')}.`);
  }
  await launch(name, stop.signal);
} catch (error) {
  const stopped = error instanceof Error && error.name === 'AbortError';
  if (!stopped) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function isWebServer(value: string): value is keyof typeof WEB_SERVERS {
  return Object.hasOwn(WEB_SERVERS, value);
}
