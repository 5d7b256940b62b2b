import { HttpServer } from './http-server.js';

/** A server that gives one answer to all. */
export function startStub(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Promise<HttpServer> {
  return HttpServer.start((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/xml', ...headers });
    response.end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>private-media/secret.txt</Message></Error>`,
    );
  });
}
