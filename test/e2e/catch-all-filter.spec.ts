import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  MemoryStorage,
  PrivateStorageError,
  PrivateStorageModule,
  statusOf,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

@Catch()
class AnswerEverything implements ExceptionFilter {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const status =
      error instanceof HttpException
        ? error.getStatus()
        : error instanceof PrivateStorageError
          ? statusOf(error)
          : 500;
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), { mine: status }, status);
  }
}

describe.each(ADAPTERS)('an app with a filter for everything on %s', (adapter) => {
  let running: RunningApp;

  beforeAll(async () => {
    const storage = new MemoryStorage();
    running = await startApp(
      adapter,
      {
        imports: [
          PrivateStorageModule.forRoot({ storage, baseUrl: '/media', guards: [LoginGuard] }),
        ],
      },
      (app) => app.useGlobalFilters(new AnswerEverything(app.get(HttpAdapterHost))),
    );
  });

  afterAll(() => running.close());

  it.each([
    ['staff', '/media/missing.txt', 404],
    ['nobody', '/media/missing.txt', 401],
    ['staff', '/media/..%2fx', 400],
  ])('answers %s asking for %s with %i in its own words', async (user, path, status) => {
    const response = await fetch(running.url + path, as(user));
    expect([response.status, await response.json()]).toEqual([status, { mine: status }]);
  });
});
