import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

/** Node hands requests of HTTP/2 out in the place of its others. */
export function isHttp2(request: IncomingMessage): request is IncomingMessage & Http2ServerRequest {
  return request.httpVersionMajor === 2;
}
