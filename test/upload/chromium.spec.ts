import {
  Body,
  Controller,
  Get,
  Header,
  Post,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  type CanActivate,
} from '@nestjs/common';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { openPage } from '../chromium.js';
import { describeWith } from '../programs.js';
import { temporaryFolder } from '../storage/temporary-folder.js';
import { ADAPTERS, Dossier, startUploads } from './upload-app.js';

/** What the page has seen; it says so itself. */
let report: (results: unknown) => void;

const MEBIBYTES = [1, 3, 64];

const SCRIPT = `
  const send = async (path, megabytes) => {
    const body = new FormData();
    body.append('file', new Blob([new Uint8Array(megabytes * 2 ** 20).fill(1)]), 'a.bin');
    const response = await fetch(path, { method: 'POST', body });
    return [response.status, (await response.json()).message];
  };
  const results = [];
  for (const path of ['/file', '/closed']) {
    for (const megabytes of ${JSON.stringify(MEBIBYTES)}) {
      results.push(await send(path, megabytes).catch(String));
    }
  }
  await fetch('/results', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ results }),
  });
`;

class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
class PageController {
  @Get('page')
  @Header('Content-Type', 'text/html; charset=utf-8')
  page(): string {
    return `<!doctype html><title>Uploads</title><script type="module">${SCRIPT}</script>`;
  }

  @Post('file')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  file(@UploadedFile(PrivateFilePipe) file: unknown): unknown {
    return file;
  }

  @Post('closed')
  @UseGuards(Nobody)
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  closed(@UploadedFile(PrivateFilePipe) file: unknown): unknown {
    return file;
  }

  @Post('results')
  results(@Body() { results }: { results: unknown }): void {
    report(results);
  }
}

const at = temporaryFolder();

describeWith('chromium').each(ADAPTERS)('a page in Chromium, with the app on %s', (adapter) => {
  it('sees why its uploads were refused', async () => {
    const limits = { discardBytes: '2mb', discardTime: 2000 };
    const { app, url } = await startUploads(adapter, new MemoryStorage(), limits, [PageController]);
    const reported = new Promise<unknown>((resolve) => (report = resolve));
    const page = openPage(`${url}/page`, at('profile'));
    try {
      expect(await Promise.race([reported, page.running])).toEqual([
        ...MEBIBYTES.map(() => [413, 'The file may not be larger than 100KB.']),
        ...MEBIBYTES.map(() => [403, 'Forbidden resource']),
      ]);
    } finally {
      await page.close();
      await app.close();
    }
  });
});
