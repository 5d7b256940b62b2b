import { MethodNotAllowedException } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Whether a method is one that a storage's URLs have. */
export function isRead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** What the other methods are told. */
export const ALLOW = 'GET, HEAD';

/**
 * Middleware that refuses to change what can only be read. The route itself would come too late: Fastify reads the body
 * first, and refuses those of a type that it does not know. OPTIONS passes, since an app's CORS may stand behind this.
 */
export function readOnly(
  { method }: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  if (isRead(method) || method === 'OPTIONS') {
    next();
    return;
  }
  response.setHeader('Allow', ALLOW);
  throw new MethodNotAllowedException();
}
