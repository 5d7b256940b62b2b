import {
  Controller,
  ForbiddenException,
  Injectable,
  Post,
  Req,
  UploadedFile,
  UseInterceptors,
  type CanActivate,
} from '@nestjs/common';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateFile } from '../../lib/entity/private-file.decorator.js';
import { StagedFile } from '../../lib/file/staged-file.js';
import type { StoredFile } from '../../lib/file/stored-file.js';
import { StorageFullError } from '../../lib/private-storage.errors.js';
import type { StagedBytes } from '../../lib/storage/file-storage.js';
import { LocalStorage } from '../../lib/storage/local-storage.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { ADAPTERS, eventually, form, startUploads, type UploadApp } from './upload-app.js';

@Injectable()
class RejectingPipe extends PrivateFilePipe {
  override transform(): never {
    throw new ForbiddenException();
  }
}

@Injectable()
class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

class Note {
  @PrivateFile()
  file: StoredFile | null;

  @PrivateFile({ guards: [Nobody] })
  closed: StoredFile | null;
}

const working = new Set<StagedFile>();
const saved: string[] = [];

@Controller()
class NoteController {
  @Post('forgotten')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  forgotten() {
    return {};
  }

  @Post('throws')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  throws() {
    throw new Error('The handler failed.');
  }

  @Post('rejected')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  rejected(@UploadedFile(RejectingPipe) _file: StagedFile) {
    return {};
  }

  @Post('closed')
  @UseInterceptors(PrivateFileInterceptor(Note, 'closed'))
  closed() {
    return {};
  }

  @Post('slow')
  @UseInterceptors(PrivateFileInterceptor(Note, 'file'))
  async slow(@UploadedFile(PrivateFilePipe) file: StagedFile, @Req() { socket }: IncomingMessage) {
    working.add(file);
    await once(socket, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    saved.push((await file.commit('slow.txt')).key);
    return {};
  }
}

describe.each(ADAPTERS)('an upload that nobody claims, on %s', (adapter) => {
  const root = mkdtempSync(join(tmpdir(), 'unclaimed-'));
  let app: UploadApp;

  beforeAll(async () => {
    app = await startUploads(adapter, new LocalStorage({ root }), {}, [NoteController]);
  });
  afterAll(async () => {
    await app.app.close();
    rmSync(root, { recursive: true });
  });

  const staged = () => readdir(join(root, '.staging'));

  it.each([
    ['forgotten', 201],
    ['throws', 500],
    ['rejected', 403],
  ])('goes when it was %s', async (path, status) => {
    const response = await fetch(`${app.url}/${path}`, {
      method: 'POST',
      body: form([['file', ['hello', 'a.txt']]]),
    });
    expect(response.status).toBe(status);
    while ((await staged()).length > 0);
  });

  it('is not even read where a guard of the field says no', async () => {
    const response = await fetch(`${app.url}/closed`, {
      method: 'POST',
      body: form([['closed', ['x'.repeat(10_000_000), 'a.txt']]]),
    });
    expect(response.status).toBe(401);
    expect(await staged()).toEqual([]);
  });

  const body =
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n';
  const post = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  it('goes when its answer waits for an earlier one, and the client has gone', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(post('/slow') + (post('/forgotten') + post('/throws')).repeat(8));
    while ((await staged()).length < 17);
    socket.destroy();
    await eventually(() => saved.splice(0).length === 1);
    working.clear();
    while ((await staged()).length > 0);
  });

  it('stays for a handler that still works when the client has gone', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write(post('/slow'));
    await eventually(() => working.size === 1);
    socket.destroy();
    await eventually(() => saved.splice(0).length === 1);
    working.clear();
    while ((await staged()).length > 0);
  });
});

describe.each(ADAPTERS)('a storage that fills up, on %s', (adapter) => {
  class FullStorage extends MemoryStorage {
    override async stage(source: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
      for await (const chunk of source)
        if (chunk.length > 0) throw new StorageFullError('The storage is full.');
      throw new Error('It was given nothing.');
    }
  }

  it('is said while the upload arrives', async () => {
    const app = await startUploads(adapter, new FullStorage(), {}, [NoteController]);
    const response = await fetch(`${app.url}/forgotten`, {
      method: 'POST',
      body: form([['file', [Buffer.alloc(50_000_000), 'a.bin']]]),
    });
    expect([response.status, await response.json()]).toMatchObject([507, { code: 'STORAGE_FULL' }]);
    await app.app.close();
  });
});
