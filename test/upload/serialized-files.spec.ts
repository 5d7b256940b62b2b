import {
  ClassSerializerInterceptor,
  Controller,
  Post,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { StagedFile } from '../../lib/file/staged-file.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { ADAPTERS, Dossier, form, startUploads } from './upload-app.js';

const logged: string[] = [];

@Controller()
class CarelessController {
  @Post('file')
  @UseInterceptors(ClassSerializerInterceptor, PrivateFileInterceptor(Dossier, 'file'))
  file(@UploadedFile(PrivateFilePipe) file: StagedFile) {
    logged.push(inspect(file, { depth: 9 }));
    return { file };
  }
}

it.each(ADAPTERS)('a staged file says nothing of its storage on %s', async (adapter) => {
  const root = mkdtempSync(join(tmpdir(), 'serialized-files-'));
  const { app, url } = await startUploads(adapter, new LocalStorage({ root }), {}, [
    CarelessController,
  ]);
  const body = form([['file', ['hello', 'a.txt']]]);
  const response = await fetch(`${url}/file`, { method: 'POST', body });
  expect(response.status).toBe(201);
  expect(await response.text()).not.toContain(root);
  expect(logged.pop()).not.toContain(root);
  await app.close();
  rmSync(root, { recursive: true });
});
