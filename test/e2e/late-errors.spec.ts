import { Controller, Get, Res } from '@nestjs/common';
import {
  MemoryStorage,
  PrivateStorageModule,
  PrivateStorageService,
  type StoredFile,
} from 'nestjs-private-storage';
import type { ServerResponse } from 'node:http';
import { ADAPTERS, startApp, type RunningApp } from './app.js';

const MISSING: StoredFile = {
  storage: 'default',
  key: 'missing.txt',
  name: 'missing.txt',
  size: 1,
  contentType: 'text/plain',
  uploadedAt: '2026-01-01T00:00:00.000Z',
};

/** An app that puts an answer together from files itself, as for an archive of them. */
@Controller()
class ArchiveController {
  constructor(private readonly files: PrivateStorageService) {}

  @Get('begun')
  async begun(@Res() response: ServerResponse | FastifyReply): Promise<void> {
    if ('hijack' in response) response.hijack();
    const raw = 'raw' in response ? response.raw : response;
    raw.writeHead(200);
    await new Promise((sent) => raw.write('the first file, ', sent));
    await this.files.stat(MISSING);
  }

  @Get('whole')
  async whole(@Res() response: { send(body: string): unknown }): Promise<void> {
    response.send('whole');
    await this.files.stat(MISSING);
  }
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

describe.each(ADAPTERS)('an error after the answer has begun, on %s,', (adapter) => {
  let running: RunningApp;

  beforeAll(async () => {
    running = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })],
      controllers: [ArchiveController],
    });
  });
  afterAll(() => running.close());

  it('breaks it off', async () => {
    const response = await fetch(`${running.url}/begun`);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('leaves it alone when it is complete', async () => {
    const response = await fetch(`${running.url}/whole`);
    expect([response.status, await response.text()]).toEqual([200, 'whole']);
  });
});
