import { Controller, Post, UploadedFile, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AllowStaff } from '../../lib/access/built-in.guards.js';
import { PrivateFile } from '../../lib/entity/private-file.decorator.js';
import { StagedFile } from '../../lib/file/staged-file.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { privateFilePipe } from '../../lib/upload/multer-file.pipe.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { openFiles } from '../e2e/open-files.js';
import { Dossier, eventually, form, startUploads, type UploadApp } from './upload-app.js';

const folder = mkdtempSync(join(tmpdir(), 'multer-'));
const PDF = '%PDF-1.7\n';

@Controller()
class MulterController {
  @Post('memory')
  @UseInterceptors(FileInterceptor('contract'))
  memory(
    @UploadedFile(privateFilePipe(Dossier, 'contract')) { name, size, contentType }: StagedFile,
  ) {
    return { name, size, contentType };
  }

  @Post('disk')
  @UseInterceptors(FileInterceptor('contract', { dest: folder }))
  async disk(
    @UploadedFile(privateFilePipe(Dossier, 'contract', { required: false })) file?: StagedFile,
  ) {
    return (await file?.commit('contract.pdf')) ?? {};
  }

  @Post('moved')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'contract'))
  moved(@UploadedFile(privateFilePipe(Dossier, 'contract')) { size }: StagedFile) {
    return { size };
  }

  @Post('both')
  @UseInterceptors(FileInterceptor('contract'), PrivateFileInterceptor(Dossier, 'contract'))
  both() {
    return {};
  }
}

it('cannot have guards: they are asked before a body is read', () => {
  class Guarded {
    @PrivateFile({ guards: [AllowStaff] })
    file: StagedFile | null = null;
  }
  expect(() => privateFilePipe(Guarded, 'file')).toThrow(
    /^Guarded\.file has guards, which are asked before a body is read/,
  );
});

describe('a file that multer received', () => {
  const storage = new MemoryStorage();
  let app: UploadApp;

  beforeAll(async () => {
    app = await startUploads('express', storage, {}, [MulterController]);
  });
  afterAll(async () => {
    await app.app.close();
    rmSync(folder, { recursive: true });
  });

  async function post(path: string, body: FormData) {
    const response = await fetch(`${app.url}/${path}`, { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  }

  it('in memory is checked and staged, and goes when nobody claims it', async () => {
    const answer = await post('memory', form([['contract', [PDF, 'Größe.pdf']]]));
    expect(answer).toEqual({
      status: 201,
      body: { name: 'Größe.pdf', size: 9, contentType: 'application/pdf' },
    });
    await eventually(() => storage.stagedCount === 0);
  });

  it('on disk is stored, and leaves nothing in its folder', async () => {
    expect(await post('disk', form([['contract', [PDF, 'a.pdf']]]))).toMatchObject({
      status: 201,
      body: { key: 'contract.pdf' },
    });
    expect(await readdir(folder)).toEqual([]);
    expect(storage.keys()).toEqual(['contract.pdf']);
  });

  it.each([
    [
      'memory',
      415,
      form([['contract', ['<html>', 'a.pdf']]]),
      { code: 'FILE_TYPE_NOT_SUPPORTED', field: 'contract' },
    ],
    [
      'disk',
      413,
      form([['contract', [PDF.padEnd(2000), 'a.pdf']]]),
      { code: 'FILE_TOO_LARGE', field: 'contract', limit: 1024 },
    ],
    ['memory', 422, form([['x', 'y']]), { code: 'FILE_REQUIRED', field: 'contract' }],
  ])('in %s is refused with %d', async (path, status, body, refusal) => {
    expect(await post(path, body)).toMatchObject({ status, body: refusal });
    expect(await readdir(folder)).toEqual([]);
    expect(storage.stagedCount).toBe(0);
  });

  it('is not held open when its first bytes refuse it', async () => {
    const page = `<html>${'x'.repeat(300_000)}`;
    expect((await post('disk', form([['contract', [page, 'a.pdf']]]))).status).toBe(415);
    await eventually(() => openFiles(folder) === 0);
  });

  it('may be missing, or received by the library already', async () => {
    expect(await post('disk', form([['x', 'y']]))).toEqual({ status: 201, body: {} });
    expect(await post('moved', form([['contract', [PDF, 'a.pdf']]]))).toEqual({
      status: 201,
      body: { size: 9 },
    });
  });

  it('is not received twice: an error says so', async () => {
    expect(await post('both', form([['contract', [PDF, 'a.pdf']]]))).toMatchObject({
      status: 500,
      body: { code: 'INVALID_CONFIGURATION' },
    });
  });
});
