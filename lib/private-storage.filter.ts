import {
  Catch,
  HttpStatus,
  Inject,
  Logger,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { STATUS_CODES } from 'node:http';
import { throwError } from 'rxjs';
import { stackOf } from './errors/stack-of.js';
import {
  PrivateStorageError,
  StorageFailedError,
  UploadRefusedError,
  type PrivateStorageErrorCode,
} from './private-storage.errors.js';
import { breakOff } from './servers/body-writer.js';
import { rawResponse } from './upload/platform-request.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from './upload/upload-options.js';

/** The one place where a failure becomes an HTTP status. */
const STATUS: Record<PrivateStorageErrorCode, number> = {
  INVALID_CONFIGURATION: HttpStatus.INTERNAL_SERVER_ERROR,
  INVALID_KEY: HttpStatus.BAD_REQUEST,
  FILE_NOT_FOUND: HttpStatus.NOT_FOUND,
  FILE_CHANGED: HttpStatus.INTERNAL_SERVER_ERROR,
  NOT_AUTHENTICATED: HttpStatus.UNAUTHORIZED,
  ACCESS_DENIED: HttpStatus.FORBIDDEN,
  STAGED_FILE_GONE: HttpStatus.CONFLICT,
  STORAGE_FULL: 507,
  STORAGE_FAILED: HttpStatus.INTERNAL_SERVER_ERROR,
  STORAGE_DENIED: HttpStatus.FORBIDDEN,
  STORAGE_UNAVAILABLE: HttpStatus.SERVICE_UNAVAILABLE,
  STORAGE_TIMED_OUT: HttpStatus.GATEWAY_TIMEOUT,
  STORAGE_ANSWERED_BADLY: HttpStatus.BAD_GATEWAY,
  FILE_TOO_LARGE: HttpStatus.PAYLOAD_TOO_LARGE,
  FILE_TYPE_NOT_SUPPORTED: HttpStatus.UNSUPPORTED_MEDIA_TYPE,
  FILE_REQUIRED: HttpStatus.UNPROCESSABLE_ENTITY,
  IMAGE_NOT_READABLE: HttpStatus.UNPROCESSABLE_ENTITY,
  IMAGE_TOO_LARGE: HttpStatus.UNPROCESSABLE_ENTITY,
  TOO_MANY_FILES: HttpStatus.UNPROCESSABLE_ENTITY,
  UNEXPECTED_FILE: HttpStatus.UNPROCESSABLE_ENTITY,
  TOO_MANY_FIELDS: HttpStatus.PAYLOAD_TOO_LARGE,
  FIELD_TOO_LARGE: HttpStatus.PAYLOAD_TOO_LARGE,
  UPLOAD_TOO_LARGE: HttpStatus.PAYLOAD_TOO_LARGE,
  UPLOAD_TIMED_OUT: HttpStatus.REQUEST_TIMEOUT,
  UPLOAD_ABORTED: HttpStatus.BAD_REQUEST,
  MALFORMED_UPLOAD: HttpStatus.BAD_REQUEST,
};

/** The HTTP status that a failure is answered with, for an app's own filter. */
export function statusOf({ code }: PrivateStorageError): number {
  return STATUS[code];
}

/** What a client is told when the fault is the server's: the message is for the log. */
const OWN_FAULT = 'The file storage has a problem; try again later.';

/**
 * Answers every {@link PrivateStorageError} as JSON: `statusCode`, `error`, `message`, `code`, and an upload's `field`, `limit`,
 * `contentType`. No cache keeps it. Microservices get `status` (`error`), `message` and `code`.
 */
@Catch(PrivateStorageError)
export class PrivateStorageFilter implements ExceptionFilter<PrivateStorageError> {
  private readonly logger = new Logger(PrivateStorageFilter.name);

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    @Inject(UPLOAD_OPTIONS) private readonly uploads: ResolvedUploadOptions,
  ) {}

  catch(error: PrivateStorageError, host: ArgumentsHost): unknown {
    const type = host.getType();
    if (type !== 'http' && type !== 'rpc') return error; // GraphQL and others report it in their own way
    const statusCode = statusOf(error);
    const isOwnFault = statusCode === 500 || error instanceof StorageFailedError;
    if (isOwnFault || statusCode > 500)
      this.logger.error(`${error.code}: ${error.message}`, error.stack);
    const message = isOwnFault ? OWN_FAULT : this.messageOf(error, host);
    if (type === 'http') return this.answer(error, message, host);
    const { code } = error;
    return throwError(() => ({ status: 'error', message, code })); // what is returned as it is, is a success there
  }

  private answer(error: PrivateStorageError, message: string, host: ArgumentsHost): unknown {
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) {
      this.logger.warn(`${error.code} after the answer had begun: ${error.message}`);
      const begun = rawResponse(host);
      if (!begun.writableEnded) breakOff(begun); // the client would take what it has for the whole
      return undefined;
    }
    const statusCode = statusOf(error);
    const details = error instanceof UploadRefusedError ? error.details : {};
    const body = {
      statusCode,
      error: STATUS_CODES[statusCode],
      message,
      code: error.code,
      ...details,
    };
    // A shared cache may keep a 404 that says nothing of it (RFC 9111 section 4.2.2), and answer the file's owner with it.
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    return httpAdapter.reply(response, body, statusCode);
  }

  private messageOf(error: PrivateStorageError, host: ArgumentsHost): string {
    if (!(error instanceof UploadRefusedError)) return error.message;
    try {
      const request: unknown = host.switchToHttp().getRequest();
      return this.uploads.message?.(error, request) ?? error.message;
    } catch (cause) {
      this.logger.error(`uploads.message failed on ${error.code}.`, stackOf(cause));
      return error.message; // nothing answers the request when a filter throws
    }
  }
}
