import { Controller, Get, Req, Res } from '@nestjs/common';
import { MemoryStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
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

/** A request that waits at the handler for another. */
interface Waiting {
  readonly request: object;
  readonly response: object;
  readonly resolve: (alike: boolean[]) => void;
}

@Controller()
class MeetingController {
  private first?: Waiting;

  @Get('home')
  home(): string {
    return 'welcome';
  }

  @Get('meeting')
  meeting(@Req() request: object, @Res({ passthrough: true }) response: object) {
    return new Promise<boolean[]>((resolve) => {
      const { first } = this;
      this.first ??= { request, response, resolve };
      if (!first) return;
      const alike = [isAlike(request, first.request), isAlike(response, first.response)];
      for (const each of [first.resolve, resolve]) each(alike);
    });
  }
}

describe('On Express', () => {
  let running: RunningApp;

  beforeAll(async () => {
    running = await startApp('express', {
      imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })],
      controllers: [MeetingController],
    });
  });
  afterAll(() => running.close());

  it('all requests come to a handler with one hidden class, and all responses', async () => {
    await fetch(`${running.url}/home`); // shows which property the router has for itself
    const answers = await Promise.all([1, 2].map(() => fetch(`${running.url}/meeting`)));
    for (const answer of answers) expect(await answer.json()).toEqual([true, true]);
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
