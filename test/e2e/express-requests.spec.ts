import { Controller, Get } from '@nestjs/common';
import { MemoryStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { startApp, type RunningApp } from './app.js';

setFlagsFromString('--allow-natives-syntax');
/** Whether V8 describes two objects by one hidden class. */
const isAlike = runInThisContext('(one, other) => %HaveSameMap(one, other)') as (
  one: object,
  other: object,
) => boolean;

type Exchange = readonly [request: object, response: object];

@Controller()
class HomeController {
  @Get('home')
  home(): string {
    return 'welcome';
  }
}

describe('On Express', () => {
  let running: RunningApp;
  const meeting: Exchange[] = [];
  let meet: (pair: Exchange[]) => void;
  let hasBody: boolean;

  beforeAll(async () => {
    running = await startApp(
      'express',
      {
        imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })],
        controllers: [HomeController],
      },
      (app) =>
        app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
          hasBody = 'body' in request; // what reads bodies itself may ask so (tRPC does)
          if (request.method === 'GET') next();
          else if (meeting.push([request, response]) === 2) meet(meeting);
        }),
    );
  });
  afterAll(() => running.close());

  it('all requests come to the app with one hidden class, and all responses', async () => {
    await fetch(`${running.url}/home`); // shows which property the router has for itself
    const pair = new Promise<Exchange[]>((resolve) => (meet = resolve));
    const answers = [1, 2].map(() => fetch(running.url, { method: 'PUT' }));
    const [[request, response] = [{}, {}], [another, itsResponse] = [{}, {}]] = await pair;
    expect([isAlike(request, another), isAlike(response, itsResponse)]).toEqual([true, true]);
    for (const [, waiting] of meeting) (waiting as ServerResponse).end();
    await Promise.all(answers);
  });

  it('what the app or a parser puts on a request is not there before', async () => {
    await fetch(`${running.url}/home`);
    expect(hasBody).toBe(false);
  });

  it('a listener before Express may set what Express only reads', async () => {
    const server = running.app.getHttpServer() as Server;
    server.prependOnceListener('request', (request: IncomingMessage) => {
      Object.assign(request, { ip: '127.0.0.9' });
    });
    expect((await fetch(`${running.url}/home`)).status).toBe(200);
    server.once('upgrade', (request: IncomingMessage, socket) => {
      Object.assign(request, { query: {} });
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(String(await once(socket, 'data'))).toContain('101');
  });
});
