import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';
import { isHttp2 } from './http2-request.js';

interface DiscardLimits {
  /** In bytes. */
  readonly discardBytes: number;
  /** In milliseconds. */
  readonly discardTime: number;
}

/**
 * Makes the client see the answer to a request whose body is not wanted. A client that is still sending would find its
 * connection reset by Node, and the answer lost: so the rest is discarded, up to a limit, and then our side is closed.
 * Over HTTP/2 the client can be told to stop, which ends one stream only (RFC 9113 section 8.1).
 */
export function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  { discardBytes, discardTime }: DiscardLimits,
): void {
  const { socket } = request;
  if (request.complete || socket.destroyed) {
    request.resume();
    return;
  }
  if (isHttp2(request)) {
    stopSending(request, discardTime);
    return;
  }
  if (hasConnection(request)) {
    if (!response.headersSent) response.setHeader('Connection', 'close');
    onDestroySoon(request, (destroySoon) => {
      request.once('end', destroySoon);
      linger(request, discardTime);
    });
  }
  discard(request, discardBytes);
}

/**
 * As {@link refuseBody}, for an answer that is out before anybody has looked at the body: a guard of the app has said
 * no. A connection that is to be kept is kept when the body ends within the limits. Call it before Node's own listener
 * for the response's `finish`.
 */
export function refuseUnreadBody(
  request: IncomingMessage,
  { discardBytes, discardTime }: DiscardLimits,
): void {
  if (request.complete || request.readableDidRead || request.socket.destroyed) return;
  if (isHttp2(request) || !hasConnection(request)) return; // Node stops a stream that nobody began to read
  request.read(0); // a body that nobody began to read is thrown away by Node itself, however long it is
  onDestroySoon(request, (destroySoon) => request.once('end', destroySoon));
  linger(request, discardTime);
  discard(request, discardBytes);
}

/** What still comes is read, so that other streams of the connection are not held up, until the answer has left. */
function stopSending(request: Http2ServerRequest, discardTime: number): void {
  const { stream } = request;
  const timer = setTimeout(() => stream.destroy(), discardTime).unref(); // of a client that does not take the answer
  stream.once('close', () => clearTimeout(timer));
  stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  request.resume();
}

/** An injected test request has none. */
function hasConnection({ socket }: IncomingMessage): boolean {
  return 'destroySoon' in socket;
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

/** Node calls `destroySoon` on a connection whose last response has been written: too soon while a body arrives. */
function onDestroySoon(
  request: IncomingMessage,
  instead: (destroySoon: () => void) => unknown,
): void {
  const { socket } = request;
  const restore = (): boolean => Reflect.deleteProperty(socket, 'destroySoon'); // the class's is behind it
  request.once('end', restore); // the connection may be kept, and have other requests
  socket.destroySoon = () => {
    restore();
    if (request.complete || socket.destroyed) socket.destroySoon();
    else instead(() => socket.destroySoon());
  };
}

/** Waits for the end of the body, for a while. */
function linger(request: IncomingMessage, discardTime: number): void {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), discardTime).unref();
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('close', stop);
  };
  socket.once('close', stop);
  request.once('end', stop);
  request.once('pause', () => socket.end());
  if (request.isPaused()) socket.end();
}
