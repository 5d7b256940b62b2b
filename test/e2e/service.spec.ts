import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Delete,
  Injectable,
  Param,
  Post,
  Put,
  UploadedFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  MemoryStorage,
  PrivateFile,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateImage,
  PrivateStorageModule,
  PrivateStorageService,
  publicFile,
  type PublicFile,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { stagedFile } from 'nestjs-private-storage/testing';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { LoginGuard } from './users.js';

class Note {
  id: string;
  title: string;

  @PrivateFile<Note>({ uploadTo: ({ id }, name) => `notes/${id}/${name}` })
  file: StoredFile | null = null;
}

const STORED_IMAGE: StoredFile = {
  storage: 'default',
  key: 'a.png',
  name: 'a.png',
  size: 7,
  contentType: 'image/png',
  uploadedAt: '2026-05-01T08:00:00.000Z',
};

/** Any ORM: it keeps JSON, and refuses a title that it has already. */
@Injectable()
class NoteRows {
  readonly rows = new Map<string, string>();

  async save(note: Note): Promise<void> {
    for (const [id, row] of this.rows) {
      if (id !== note.id && (JSON.parse(row) as Note).title === note.title)
        throw new Error('The title is taken.');
    }
    this.rows.set(note.id, JSON.stringify(note));
  }

  async remove(id: string): Promise<void> {
    if (id === 'locked') throw new Error('The row is locked.');
    this.rows.delete(id);
  }

  find(id: string): Note {
    return Object.assign(new Note(), JSON.parse(this.rows.get(id) ?? '{}') as Note);
  }
}

@Controller('notes/:id')
@UseGuards(LoginGuard)
class NotesController {
  constructor(
    private readonly files: PrivateStorageService,
    private readonly rows: NoteRows,
  ) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  async create(
    @Param('id') id: string,
    @UploadedFile(PrivateFilePipe) file: StagedFile,
    @Body() { title }: { title: string },
  ): Promise<PublicFile | null> {
    const note: Note = Object.assign(new Note(), { id, title, file });
    await this.files.commit(note, () => this.rows.save(note));
    return note.file && publicFile(note.file);
  }

  @Put()
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  async replace(
    @Param('id') id: string,
    @UploadedFile(PrivateFilePipe) file: StagedFile,
    @Body() { title }: { title: string },
  ): Promise<void> {
    const note = Object.assign(this.rows.find(id), { title });
    await this.files.replace(note, 'file', file, () => this.rows.save(note));
  }

  @Delete()
  async remove(@Param('id') id: string): Promise<void> {
    await this.files.delete(this.rows.find(id), () => this.rows.remove(id));
  }
}

describe.each(ADAPTERS)('PrivateStorageService with an ORM of the app on %s', (adapter) => {
  let running: RunningApp;
  let storage: MemoryStorage;
  let rows: NoteRows;

  beforeEach(async () => {
    storage = new MemoryStorage();
    running = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage })],
      controllers: [NotesController],
      providers: [NoteRows],
    });
    rows = running.app.get(NoteRows);
  });

  afterEach(() => running.close());

  const send = async (
    method: string,
    id: string,
    title: string,
    text: string,
  ): Promise<Response> => {
    const body = new FormData();
    body.append('file', new Blob([text]), 'note.txt');
    body.append('title', title);
    return fetch(`${running.url}/notes/${id}`, { method, body, headers: { 'x-user': 'alice' } });
  };

  const stored = async (id: string): Promise<string> => {
    const { file } = rows.find(id);
    const opened = await running.app.get(PrivateStorageService).open(file!);
    const chunks: Buffer[] = [];
    for await (const chunk of opened.read(0, opened.stat.size)) chunks.push(Buffer.from(chunk));
    await opened.close();
    return Buffer.concat(chunks).toString();
  };

  it('stores, replaces and deletes rows with their files', async () => {
    const created = await send('POST', '1', 'one', 'old');
    expect([created.status, await created.json()]).toEqual([
      201,
      {
        name: 'note.txt',
        size: 3,
        contentType: 'text/plain',
        uploadedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(storage.keys()).toEqual(['notes/1/note.txt']);
    expect((await send('PUT', '1', 'one', 'newer')).status).toBe(200);
    expect(storage.keys()).toEqual([rows.find('1').file?.key]);
    expect(await stored('1')).toBe('newer');
    await fetch(`${running.url}/notes/1`, { method: 'DELETE', headers: { 'x-user': 'alice' } });
    expect([storage.keys(), rows.rows.size]).toEqual([[], 0]);
  });

  it('tells whether a file still has the bytes that were uploaded', async () => {
    await send('POST', '1', 'one', 'first');
    const files = running.app.get(PrivateStorageService);
    const file = rows.find('1').file!;
    expect(await files.verify(file)).toBe(true);
    await storage.put(file.key, Readable.from([Buffer.from('other')]), { overwrite: true });
    expect(await files.verify(file)).toBe(false);
    await expect(files.verify({ ...file, checksum: undefined })).rejects.toThrow('has no checksum');
  });

  it('leaves no file when a row cannot be saved, and keeps the old one', async () => {
    await send('POST', '1', 'one', 'first');
    await send('POST', '2', 'two', 'second');
    const before = storage.keys();
    expect((await send('POST', '3', 'one', 'third')).status).toBe(500);
    expect((await send('PUT', '2', 'one', 'other')).status).toBe(500);
    expect(storage.keys()).toEqual(before);
    expect(await stored('2')).toBe('second');
  });

  it('keeps the file of a row that cannot be deleted', async () => {
    await send('POST', 'locked', 'one', 'first');
    const response = await fetch(`${running.url}/notes/locked`, {
      method: 'DELETE',
      headers: { 'x-user': 'alice' },
    });
    expect(response.status).toBe(500);
    expect(await stored('locked')).toBe('first');
  });

  it('keeps a replaced file that another field has', async () => {
    class Draft {
      @PrivateFile() file: StoredFile | StagedFile | null = null;
      @PrivateFile() previous: StoredFile | null = null;
    }
    const files = running.app.get(PrivateStorageService);
    const draft = Object.assign(new Draft(), {
      file: await stagedFile({ name: 'a.txt', storage }),
    });
    await files.commit(draft);
    draft.previous = draft.file as unknown as StoredFile;
    const next = await stagedFile({ name: 'b.txt', storage });
    await files.replace(draft, 'file', next, () => Promise.resolve());
    expect(storage.keys()).toHaveLength(2);
  });

  it.each<[string, object]>([
    ['a file and its size', { image: STORED_IMAGE, width: 10, height: 20 }],
    ['a file that has no size', { image: STORED_IMAGE, width: 3, height: 4 }],
    ['no file', { image: null, width: null, height: null }],
    ['a column that was not read', { image: undefined, width: 10, height: 20 }],
  ])('puts back what there was when a row cannot be saved: %s', async (_what, before) => {
    class Photo {
      @PrivateImage({ widthField: 'width', heightField: 'height' }) image: unknown;
      width: unknown;
      height: unknown;
    }
    const photo = Object.assign(new Photo(), before);
    const image = { width: 1, height: 1, contentType: 'image/png' };
    const next = await stagedFile({ ...image, name: 'b.png', storage });
    const files = running.app.get(PrivateStorageService);
    const save = () => Promise.reject(new Error('UNIQUE constraint'));
    await expect(files.replace(photo, 'image', next, save)).rejects.toThrow('UNIQUE constraint');
    expect(Object.fromEntries(Object.entries(photo))).toStrictEqual(before);
  });

  it('takes a commit back that still runs', async () => {
    const file = await stagedFile({ storage });
    const committing = file.commit('a.txt');
    await file.revert();
    await committing;
    expect([storage.keys(), file.isCommitted]).toEqual([[], false]);
  });

  it('has a sentence for plain objects', async () => {
    const files = running.app.get(PrivateStorageService);
    const save = () => Promise.resolve();
    const row = { file: await stagedFile({ storage }) };
    for (const change of [files.commit(row, save), files.delete(row, save)])
      await expect(change).rejects.toThrow(/^The object has no private fields; give an instance/);
  });

  it('refuses a form without a file', async () => {
    const body = new FormData();
    body.append('title', 'one');
    const response = await fetch(`${running.url}/notes/1`, {
      method: 'POST',
      body,
      headers: { 'x-user': 'alice' },
    });
    expect([response.status, await response.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'FILE_REQUIRED' }),
    ]);
  });
});
