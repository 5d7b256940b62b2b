import {
  Body,
  Controller,
  Module,
  Post,
  UploadedFile,
  UploadedFiles,
  UseInterceptors,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PrivateFile } from '../../lib/entity/private-file.decorator.js';
import type { StagedFile } from '../../lib/file/staged-file.js';
import type { StoredFile } from '../../lib/file/stored-file.js';
import { PrivateStorageModule } from '../../lib/private-storage.module.js';
import { PrivateStorageService } from '../../lib/private-storage.service.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileBodyInterceptor } from '../../lib/upload/private-file-body.interceptor.js';
import {
  PrivateFileInterceptor,
  PrivateFilesInterceptor,
} from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { ADAPTERS, eventually, form, startUploads, type UploadApp } from './upload-app.js';

class Note {
  @PrivateFile()
  file: StoredFile | StagedFile | null = null;

  @PrivateFile()
  scan: StoredFile | StagedFile | null = null;
}

const STORED = {
  storage: 'default',
  key: 'of/another.pdf',
  name: 'another.pdf',
  size: 1,
  contentType: 'application/pdf',
};
const deep = (value: unknown, depth: number): string =>
  '[['.repeat(depth) + JSON.stringify(value) + ']]'.repeat(depth);

const optional = new PrivateFilePipe({ required: false });

@Controller()
class NotesController {
  constructor(private readonly files: PrivateStorageService) {}

  @Post('no-interceptor')
  noInterceptor(@UploadedFile(PrivateFilePipe) _file: StagedFile) {
    return {};
  }

  @Post('no-interceptor-optional')
  noInterceptorOptional(@UploadedFile(optional) _file: StagedFile | undefined) {
    return {};
  }

  @Post('interceptor-of-several')
  @UseInterceptors(PrivateFilesInterceptor(Note, ['file']))
  interceptorOfSeveral(@UploadedFile(PrivateFilePipe) _file: StagedFile) {
    return {};
  }

  @Post('interceptor-of-one')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  interceptorOfOne(@UploadedFiles(PrivateFilePipe) _files: Record<string, StagedFile>) {
    return {};
  }

  @Post('optional')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  optional(@UploadedFile(optional) file: StagedFile | undefined, @Body() body: unknown) {
    return { hasFile: file !== undefined, body };
  }

  @Post('optional-body')
  @UseInterceptors(PrivateFileBodyInterceptor(Note, 'file'))
  optionalBody(@UploadedFile(optional) file: StagedFile | undefined) {
    return { hasFile: file !== undefined };
  }

  @Post('forgotten')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  forgotten() {
    return {};
  }

  @Post('saved')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  async saved(@UploadedFile(PrivateFilePipe) file: StagedFile) {
    await this.files.commit(Object.assign(new Note(), { file }));
  }

  @Post('discarded')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  discarded(@UploadedFile(PrivateFilePipe) file: StagedFile) {
    return this.files.discard(file);
  }

  @Post('failing')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  failing() {
    throw new Error('The handler failed.');
  }
}

describe.each(ADAPTERS)('on %s', (adapter) => {
  const storage = new MemoryStorage();
  const warnings: string[] = [];
  let app: UploadApp;

  beforeAll(async () => {
    app = await startUploads(adapter, storage, {}, [NotesController], (nest) =>
      nest.useLogger({
        log: () => undefined,
        error: () => undefined,
        warn: (...parts: unknown[]) => void warnings.push(parts.join(' ')),
      }),
    );
  });
  afterAll(() => app.app.close());

  async function post(path: string, init: RequestInit) {
    const response = await fetch(`${app.url}/${path}`, { method: 'POST', ...init });
    return { status: response.status, body: await response.json() };
  }
  const json = (body: unknown): RequestInit => ({
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const aFile = (): RequestInit => ({ body: form([['file', ['hello', 'a.txt']]]) });

  it.each([
    'no-interceptor',
    'no-interceptor-optional',
    'interceptor-of-several',
    'interceptor-of-one',
  ])('%s is not told to the client as his mistake', async (path) => {
    const body = { code: 'INVALID_CONFIGURATION' };
    expect(await post(path, json({}))).toMatchObject({ status: 500, body });
  });

  it.each([
    ['a stored file', { storage: 'default', key: 'of/another.pdf' }],
    ['text', 'of/another.pdf'],
    ['a list', []],
    ['false', false],
  ])('a body that is no form brings no file: %s', async (_, file) => {
    const body = { code: 'FILE_REQUIRED', field: 'file' };
    expect(await post('optional', json({ file }))).toMatchObject({ status: 422, body });
  });

  it.each([
    ['in another private field', JSON.stringify({ scan: STORED }), 'scan'],
    ['something else in another private field', '{"scan":"x"}', 'scan'],
    ['in a list', JSON.stringify([{ file: STORED }]), 'file'],
    ['deep in it', deep({ a: { b: STORED } }, 1000), 'file'],
  ])('a body that is no form brings no stored file %s', async (_, body, field) => {
    const answer = await post('optional', { ...json(null), body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'FILE_REQUIRED', field } });
  });

  it('a body that is no form makes no stored file a prototype', async () => {
    const body = `{"__proto__":{"file":${JSON.stringify(STORED)}}}`;
    const { status } = await post('optional', { ...json(null), body });
    expect(status).toBe(adapter === 'fastify' ? 400 : 422); // whose parser says no itself
  });

  it('a form brings no text into another private field', async () => {
    const body = { code: 'FILE_REQUIRED', field: 'scan' };
    const sent = { body: form([['scan', 'x']]) };
    expect(await post('optional', sent)).toMatchObject({ status: 422, body });
  });

  it.each([
    [{ title: 'May' }, { title: 'May' }],
    [{ file: null }, { file: null }], // none any more
    [{ file: '' }, {}], // as in a form
    [[1], [1]],
  ])('a body that is no form may be %j', async (sent, body) => {
    expect(await post('optional', json(sent))).toEqual({
      status: 201,
      body: { hasFile: false, body },
    });
  });

  it('a request without a body brings no file either', async () => {
    expect(await post('optional', {})).toMatchObject({ status: 201, body: { hasFile: false } });
    expect(await post('optional-body', {})).toEqual({ status: 201, body: { hasFile: false } });
  });

  it.each([
    ['forgotten', 201, 1],
    ['failing', 500, 0],
    ['optional', 201, 1],
  ])(
    'a file that was left after %s is told of in the log where that is no failure',
    async (path, status, count) => {
      warnings.length = 0;
      expect(await post(path, aFile())).toMatchObject({ status });
      await eventually(() => storage.stagedCount === 0);
      expect(warnings.filter((line) => line.includes('neither saved nor discarded'))).toHaveLength(
        count,
      );
    },
  );

  it.each(['saved', 'discarded'])('a file that was %s is not told of', async (path) => {
    warnings.length = 0;
    const response = await fetch(`${app.url}/${path}`, { method: 'POST', ...aFile() });
    expect(response.status).toBe(201);
    await post('forgotten', aFile());
    await eventually(() => warnings.length > 0);
    expect(warnings).toHaveLength(1);
  });
});

const IMPORT_IT = 'import PrivateStorageModule.forRoot({ storage: ... }) in the root module';

it.each<[string, ModuleMetadata]>([
  [
    'without the module',
    {
      controllers: [NotesController],
      providers: [{ provide: PrivateStorageService, useValue: {} }],
    },
  ],
  ['with the module, but without forRoot()', { imports: [PrivateStorageModule] }],
])('an app %s does not start, and says what to import', async (_, metadata) => {
  @Module(metadata)
  class TestModule {}
  const starting = NestFactory.create(TestModule, { logger: false, abortOnError: false }).then(
    (app) => app.init(),
  );
  await expect(starting).rejects.toMatchObject({
    code: 'INVALID_CONFIGURATION',
    message: expect.stringContaining(IMPORT_IT) as string,
  });
});
