import type { OutgoingHttpHeaders } from 'node:http';
import type { ServedFile } from './file-server.js';
import { percentEncoded } from '../storage/keys.js';
import { WebServer } from './web-server.js';

/** lighttpd sends the bytes: `X-Sendfile` with the file's absolute path, encoded. */
export class LighttpdServer extends WebServer {
  protected override internalHeaders({ file }: ServedFile): OutgoingHttpHeaders | undefined {
    const path = file.localPath;
    return path === undefined ? undefined : { 'X-Sendfile': percentEncoded(path) };
  }
}
