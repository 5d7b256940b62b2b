import type { OutgoingHttpHeaders } from 'node:http';
import type { ServedFile } from './file-server.js';
import { sendfileHeaders } from './header-path.js';
import { WebServer } from './web-server.js';

/** Caddy sends the bytes: `X-Sendfile` with the file's absolute path, taken up by `handle_response`. */
export class CaddyServer extends WebServer {
  protected override internalHeaders({ file }: ServedFile): OutgoingHttpHeaders | undefined {
    return sendfileHeaders(file.localPath);
  }
}
