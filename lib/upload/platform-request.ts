import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What Express's and Fastify's requests have in common for an upload: `@UploadedFile()` and `@Body()` read these. */
export interface PlatformRequest {
  /** Null when an interceptor has looked for a file, and there was none. */
  file?: unknown;
  files?: unknown;
  body?: unknown;
}

/** Node's own request, which Express extends and Fastify wraps. */
export function rawRequest(context: ExecutionContext): IncomingMessage {
  const request = context.switchToHttp().getRequest<IncomingMessage | { raw: IncomingMessage }>();
  return 'raw' in request ? request.raw : request;
}

/** Node's own response, which Express extends and Fastify wraps. */
export function rawResponse(context: ArgumentsHost): ServerResponse {
  const response = context.switchToHttp().getResponse<ServerResponse | { raw: ServerResponse }>();
  return 'raw' in response ? response.raw : response;
}
