import {
  Controller,
  Post,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  type CanActivate,
} from '@nestjs/common';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StagedFile } from '../../lib/file/staged-file.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { PrivateFilePipe } from '../../lib/upload/private-file.pipe.js';
import { everything, openSocket } from '../e2e/raw-http.js';
import { ADAPTERS, closeAtOnce, Dossier, startUploads, type UploadApp } from './upload-app.js';

const MEGABYTE = 1024 * 1024;
const MULTIPART = 'multipart/form-data; boundary=b';

class Nobody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller()
@UseGuards(Nobody)
class ClosedController {
  @Post('file')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  file(@UploadedFile(PrivateFilePipe) file: StagedFile): string {
    return file.name;
  }
}

describe.each(ADAPTERS)('an upload that a guard of the app refuses on %s', (adapter) => {
  let app: UploadApp;
  let folder: string;

  beforeAll(async () => {
    const limits = { discardBytes: '2mb', discardTime: 60_000 };
    app = await startUploads(adapter, new MemoryStorage(), limits, [ClosedController]);
    folder = await mkdtemp(join(tmpdir(), 'guarded-uploads-'));
  });
  afterAll(async () => {
    await closeAtOnce(app);
    await rm(folder, { recursive: true });
  });

  it.each([1, 3, 64])('is answered to fetch that sends %d MiB', async (megabytes) => {
    const response = await fetch(`${app.url}/file`, {
      method: 'POST',
      headers: { 'content-type': MULTIPART },
      body: Buffer.alloc(megabytes * MEGABYTE),
    });
    expect([response.status, await response.json()]).toEqual([
      403,
      { statusCode: 403, error: 'Forbidden', message: 'Forbidden resource' },
    ]);
  });

  it.each([1, 3, 64])('is answered to curl that sends %d MiB', async (megabytes) => {
    const path = join(folder, 'file.bin');
    await writeFile(path, Buffer.alloc(megabytes * MEGABYTE));
    const args = ['-sS', '-w', '%{http_code}', '-F', `file=@${path}`, '-H', 'Expect:'];
    const { stdout } = await promisify(execFile)('curl', [...args, `${app.url}/file`]);
    expect(stdout).toMatch(/Forbidden resource.*403$/);
  });

  const requestHead = (length: number, ...headers: string[]): string =>
    [
      'POST /file HTTP/1.1',
      'Host: x',
      `Content-Type: ${MULTIPART}`,
      `Content-Length: ${length}`,
      ...headers,
      '\r\n',
    ].join('\r\n');

  it.each(['keep-alive', 'close'])(
    'is answered to a client that sends 1 MiB, with Connection: %s, before it reads',
    async (connection) => {
      const socket = await openSocket(app.url);
      socket.pause();
      socket.write(requestHead(MEGABYTE, `Connection: ${connection}`));
      for (let sent = 0; sent < MEGABYTE; sent += 65_536) {
        await new Promise<void>((resolve, reject) => {
          socket.write(Buffer.alloc(65_536), (error) => (error ? reject(error) : resolve()));
        });
      }
      if (connection === 'keep-alive') socket.write(requestHead(0, 'Connection: close'));
      const received = everything(socket);
      socket.resume();
      const answers = (await received).toString();
      expect(answers.match(/HTTP\/1\.1 403/g)).toHaveLength(connection === 'close' ? 1 : 2);
    },
  );

  it.each(['keep-alive', 'close'])(
    'ends the connection of a client that goes on and on, with Connection: %s',
    async (connection) => {
      const socket = await openSocket(app.url);
      socket.write(requestHead(1024 * MEGABYTE, `Connection: ${connection}`));
      const answer = everything(socket);
      let sent = 0;
      const send = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(MEGABYTE))) sent++;
        sent++;
      };
      socket.on('drain', send);
      send();
      expect((await answer).toString()).toMatch(/^HTTP\/1\.1 403 [^]*Forbidden resource/);
      expect(sent).toBeLessThan(64); // the limit, and what the buffers in between hold
    },
  );

  it('ends the connection of a client that stops in the middle', async () => {
    const hasty = await startUploads(adapter, new MemoryStorage(), { discardTime: 500 }, [
      ClosedController,
    ]);
    const socket = await openSocket(hasty.url);
    socket.write(requestHead(MEGABYTE));
    expect((await everything(socket)).toString()).toMatch(/^HTTP\/1\.1 403/);
    await hasty.app.close();
  });
});
