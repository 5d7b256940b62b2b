import { Controller, Get, Injectable, type CanActivate } from '@nestjs/common';
import {
  AllowStaff,
  MemoryStorage,
  NginxServer,
  PrivateStorageModule,
  RedirectServer,
  type FileStat,
  type OpenedFile,
  type OpenOptions,
} from 'nestjs-private-storage';
import type { Server } from 'node:http';
import { ADAPTERS, startApp } from './app.js';
import { turn, until } from './open-files.js';
import { head, openSocket } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const WAITING = 50;

@Injectable()
class CountingGuard implements CanActivate {
  static asked = 0;

  canActivate(): boolean {
    CountingGuard.asked++;
    return true;
  }
}

@Controller('never')
class NeverController {
  @Get()
  answer(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** Counts what it is asked for, and says that it can be served by all. */
class CountingStorage extends MemoryStorage {
  override readonly canSignUrls = true;
  asked = 0;

  protected override statObject(key: string): Promise<FileStat> {
    this.asked++;
    return super.statObject(key);
  }

  protected override openObject(key: string, _options?: OpenOptions): Promise<OpenedFile> {
    this.asked++;
    return super.openObject(key);
  }

  protected override objectPath(key: string): string {
    return `/srv/${key}`;
  }

  protected override async signObjectUrl(key: string): Promise<string> {
    this.asked++;
    return `https://files.test/${key}`;
  }
}

const SERVERS = {
  stream: 'stream',
  nginx: new NginxServer({ internalUrl: '/hidden/' }),
  redirect: new RedirectServer(),
} as const;

describe.each(ADAPTERS)('on %s', (adapter) => {
  it.each(Object.entries(SERVERS))(
    'by %s: nothing is asked of the storage for requests that waited for their turn when the client left',
    async (_, server) => {
      const storage = new CountingStorage();
      const guards = [LoginGuard, CountingGuard, AllowStaff];
      const running = await startApp(adapter, {
        imports: [PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards, server })],
        controllers: [NeverController],
      });
      try {
        CountingGuard.asked = 0;
        const client = await openSocket(running.url);
        const download = head('GET', '/files/a.txt', as('staff').headers);
        client.write(head('GET', '/never') + download.repeat(WAITING));
        await until(() => CountingGuard.asked === WAITING);
        client.destroy();
        await untilAlone(running.app.getHttpServer() as Server);
        expect(storage.asked).toBe(0);
      } finally {
        await running.close();
      }
    },
  );
});

/** Nobody is connected any more, and what that set going has ended. */
async function untilAlone(server: Server): Promise<void> {
  let connections = 1;
  while (connections > 0) {
    await turn();
    connections = await new Promise((resolve, reject) => {
      server.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }
  for (let turns = 0; turns < 10; turns++) await turn();
}
