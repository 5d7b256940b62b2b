import type { OutgoingHttpHeaders } from 'node:http';
import type { ServedFile } from './file-server.js';
import { sendfileHeaders } from './header-path.js';
import { WebServer } from './web-server.js';

/** Apache with `mod_xsendfile` sends the bytes: `X-Sendfile` with the file's absolute path. */
export class ApacheServer extends WebServer {
  protected override internalHeaders({ file }: ServedFile): OutgoingHttpHeaders | undefined {
    return sendfileHeaders(file.localPath);
  }
}
