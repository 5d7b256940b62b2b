import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface DiscardLimits {
  /** In bytes. */
  readonly discardBytes: number;
  /** In milliseconds. */
  readonly discardTime: number;
}

/**
 * Makes the client see the answer to a request whose body is not wanted. A client that is still sending would find its
 * connection reset by Node, and the answer lost: so the rest is discarded, up to a limit, and then our side is closed.
 */
export function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  limits: DiscardLimits,
): void {
  const { socket } = request;
  if (request.complete || socket.destroyed) {
    request.resume();
    return;
  }
  // HTTP/2 ends one stream, not the connection; an injected test request has no connection.
  if (request.httpVersionMajor < 2 && 'destroySoon' in socket) {
    if (!response.headersSent) response.setHeader('Connection', 'close');
    lingerBeforeDestroy(request, socket, limits.discardTime);
  }
  discard(request, limits.discardBytes);
}

/** Beyond the limit nothing is read: the client cannot send more, but has all of `discardTime` to read the answer. */
function discard(request: IncomingMessage, limit: number): void {
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > limit) request.pause();
  });
  request.on('error', () => undefined);
  request.resume();
}

/** Node calls `destroySoon` on a connection whose last response has been written. */
function lingerBeforeDestroy(request: IncomingMessage, socket: Socket, discardTime: number): void {
  const destroySoon = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    if (request.complete || socket.destroyed) {
      destroySoon();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), discardTime).unref();
    socket.once('close', () => clearTimeout(timer));
    request.once('end', destroySoon);
    request.once('pause', () => socket.end());
    if (request.isPaused()) socket.end();
  };
}
