import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../private-storage.errors.js';
import type { PlatformRequest } from './platform-request.js';
import type { ResolvedUploadOptions } from './upload-options.js';
import type { UploadSession } from './upload-session.js';
import type { UploadTargets } from './upload-target.js';

/** One request that may bring files. */
export interface UploadContext {
  readonly request: PlatformRequest;
  readonly raw: IncomingMessage;
  readonly targets: UploadTargets;
  readonly options: ResolvedUploadOptions;
  readonly session: UploadSession;
}

/** @throws ConfigurationError when somebody else has begun to read the body. */
export function assertUnread({ raw }: UploadContext): void {
  if (!raw.readableDidRead) return;
  throw new ConfigurationError(
    'The body of the upload was read before the library could: remove FileInterceptor from the route, ' +
      'attachFieldsToBody from @fastify/multipart, and body parsers for this content type.',
  );
}
