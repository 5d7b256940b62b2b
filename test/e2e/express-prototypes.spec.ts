import { Controller, Get, Req, Res } from '@nestjs/common';
import { MemoryStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { IncomingMessage, ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { startApp, type RunningApp } from './app.js';

type Comparison = (one: object, other: object) => boolean;

/** Whether V8 describes two objects by one hidden class. */
function comparison(): Comparison {
  setFlagsFromString('--allow-natives-syntax');
  return runInThisContext('(one, other) => %HaveSameMap(one, other)') as Comparison;
}

interface Seen {
  readonly request: { user?: object; tenant?: string; path: string };
  readonly response: object;
}

describe("Express's requests and responses", () => {
  const seen: Seen[] = [];
  let running: RunningApp;

  @Controller()
  class HomeController {
    @Get('home')
    home(@Req() request: Seen['request'], @Res({ passthrough: true }) response: Seen['response']) {
      request.user = {};
      request.tenant = 'acme';
      seen.push({ request, response });
      return { path: request.path };
    }
  }

  beforeAll(async () => {
    running = await startApp('express', {
      imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })],
      controllers: [HomeController],
    });
  });
  afterAll(() => running.close());

  it('have one hidden class each, whatever an app puts on them', async () => {
    for (let count = 0; count < 3; count++) await fetch(`${running.url}/home`);
    const isAlike = comparison();
    const [, one, other] = seen; // Node's own code settles with the first
    if (!one || !other) throw new Error('Three requests were sent.');
    expect(isAlike(one.request, other.request)).toBe(true);
    expect(isAlike(one.response, other.response)).toBe(true);
  });

  it("are Express's and Node's as ever", async () => {
    const answer = await fetch(`${running.url}/home`);
    expect(await answer.json()).toEqual({ path: '/home' });
    const { request, response } = seen.at(-1) ?? {};
    expect(request).toBeInstanceOf(IncomingMessage);
    expect(response).toBeInstanceOf(ServerResponse);
    expect(request?.constructor).toBe(IncomingMessage);
  });
});
