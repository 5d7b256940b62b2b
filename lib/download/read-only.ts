import { MethodNotAllowedException } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Middleware that lets GET and HEAD pass, and answers other methods with 405. A route could not: Fastify reads the body
 * first, and refuses those of a type that it does not know.
 */
export function readOnly(
  { method }: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  if (method === 'GET' || method === 'HEAD') {
    next();
    return;
  }
  response.setHeader('Allow', 'GET, HEAD');
  throw new MethodNotAllowedException();
}
