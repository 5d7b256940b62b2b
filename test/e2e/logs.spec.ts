import {
  Controller,
  Post,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  type LoggerService,
} from '@nestjs/common';
import {
  AllowStaff,
  MemoryStorage,
  PrivateFile,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageModule,
  PrivateStorageService,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp } from './app.js';
import { as, LoginGuard } from './users.js';

class Report {
  @PrivateFile({ uploadTo: 'secret-folder' })
  file: StoredFile | null = null;
}

@Controller('reports')
@UseGuards(LoginGuard)
class ReportsController {
  constructor(private readonly files: PrivateStorageService) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Report, 'file'))
  async create(@UploadedFile(PrivateFilePipe) file: StagedFile): Promise<void> {
    await this.files.commit(Object.assign(new Report(), { file }));
  }
}

/** Keeps every line of every level. */
class Lines implements LoggerService {
  readonly lines: string[] = [];
  readonly log = (...parts: unknown[]): void => void this.lines.push(parts.map(String).join(' '));
  readonly warnings: string[] = [];
  readonly warn = (...parts: unknown[]): void => {
    this.warnings.push(parts.map(String).join(' '));
    this.log(...parts);
  };
  readonly error = this.log;
  readonly debug = this.log;
  readonly verbose = this.log;
}

it.each(ADAPTERS)('no line of the log names a key, a file or a token on %s', async (adapter) => {
  const logger = new Lines();
  const options = {
    storage: new MemoryStorage(),
    baseUrl: '/media',
    guards: [LoginGuard, AllowStaff],
  };
  const { url, close } = await startApp(
    adapter,
    { imports: [PrivateStorageModule.forRoot(options)], controllers: [ReportsController] },
    (app) => app.useLogger(logger),
  );
  const body = new FormData();
  body.append('file', new Blob(['text']), 'secret-name.txt');
  const headers = { authorization: 'Bearer secret-token' };
  expect(
    (await fetch(`${url}/reports`, { method: 'POST', body, ...as('alice', headers) })).status,
  ).toBe(201);
  const path = `${url}/media/secret-folder/secret-name.txt`;
  const statuses = await Promise.all(
    [as('staff', headers), as('alice', headers), { headers }].map(
      async (init) => (await fetch(path, init)).status,
    ),
  );
  expect(statuses).toEqual([200, 403, 401]);
  await close();
  expect(logger.lines.length).toBeGreaterThan(0);
  expect(logger.lines.filter((line) => line.includes('secret'))).toEqual([]);
});

it.each(ADAPTERS)('an app that serves storages starts without a warning on %s', async (adapter) => {
  const logger = new Lines();
  const storage = new MemoryStorage();
  const more = { storage: new MemoryStorage(), baseUrl: '/more' };
  const { close } = await startApp(
    adapter,
    { imports: [PrivateStorageModule.forRoot({ storage, baseUrl: '/media', storages: { more } })] },
    (app) => app.useLogger(logger),
  );
  await close();
  expect(logger.lines.length).toBeGreaterThan(0);
  expect(logger.warnings).toEqual([]);
});
