import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import {
  AllowAuthenticated,
  LocalStorage,
  ObjectDownloadController,
  PrivateFile,
  PrivateStorageModule,
  type StoredFile,
} from 'nestjs-private-storage';
import { stagedFile } from 'nestjs-private-storage/testing';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

class Report {
  @PrivateFile()
  file: StoredFile | null = null;
}

const report = new Report();

@Controller('report')
class ReportDownload extends ObjectDownloadController<Report> {
  protected readonly entity = Report;
  protected readonly field = 'file';

  protected findObject(): Report {
    return report;
  }
}

describe.each(ADAPTERS)('the ETag of an uploaded file on %s', (adapter) => {
  let root: string;
  let running: RunningApp;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'entity-tags-'));
    const storage = new LocalStorage({ root });
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({ storage, guards: [LoginGuard, AllowAuthenticated] }),
      ],
      controllers: [ReportDownload],
    });
    report.file = await (await stagedFile({ storage, content: 'first' })).commit('report.txt');
  });

  afterEach(async () => {
    await running.close();
    await rm(root, { recursive: true, force: true });
  });

  const download = (headers = {}): Promise<Response> =>
    fetch(`${running.url}/report`, as('alice', headers));

  /** Some file systems count time in steps of milliseconds: it is written until the step is over. */
  const rewrite = async (bytes: string, secondsLater: number): Promise<void> => {
    const path = join(root, 'report.txt');
    const uploadedAt = Date.parse(String(report.file?.uploadedAt));
    do {
      await writeFile(path, bytes);
    } while (Math.floor((await stat(path)).ctimeMs) <= uploadedAt);
    const time = Date.now() / 1000 + secondsLater;
    await utimes(path, time, time);
  };

  it('is its checksum, by which it is not sent twice', async () => {
    const etag = `"${createHash('sha256').update('first').digest('hex')}"`;
    const first = await download();
    expect([first.headers.get('etag'), await first.text()]).toEqual([etag, 'first']);
    expect((await download({ 'if-none-match': etag })).status).toBe(304);
  });

  it('changes when somebody writes other bytes of the same length into the file', async () => {
    const first = await download();
    await rewrite('other', -3600);
    const second = await download({ 'if-none-match': String(first.headers.get('etag')) });
    expect([second.status, await second.text()]).toEqual([200, 'other']);
    await rewrite('third', 1);
    const third = await download({ 'if-none-match': String(second.headers.get('etag')) });
    expect([third.status, await third.text()]).toEqual([200, 'third']);
  });
});
