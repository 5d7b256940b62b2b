import {
  HttpException,
  HttpStatus,
  Inject,
  Injectable,
  type ExecutionContext,
} from '@nestjs/common';
import {
  AccessDeniedError,
  FileNotFoundError,
  NotAuthenticatedError,
  type PrivateStorageError,
} from '../private-storage.errors.js';
import { ACCESS_OPTIONS, isNobody, type AccessOptions } from './access-options.js';

const CHALLENGE = 'WWW-Authenticate';
const UNAUTHORIZED: number = HttpStatus.UNAUTHORIZED;
const FORBIDDEN: number = HttpStatus.FORBIDDEN;

/** The part of the platforms' responses that a refusal touches. */
interface HeaderBag {
  readonly headersSent?: boolean; // Express's, which throws when a header comes later
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
}

/** What a no becomes: 401 for nobody, 403 for somebody, or 404 for both. */
@Injectable()
export class Refusals {
  constructor(@Inject(ACCESS_OPTIONS) private readonly options: Required<AccessOptions>) {}

  refusal(context: ExecutionContext, cause?: unknown): PrivateStorageError {
    if (this.options.hideRefusals) return this.hidden(context, cause);
    if (this.isLoggedIn(context)) return new AccessDeniedError({ cause });
    this.challenge(context);
    return new NotAuthenticatedError({ cause });
  }

  /** An exception of the app's own guard goes out as it is, unless refusals are hidden. */
  ofException(context: ExecutionContext, error: HttpException): Error {
    if (!isRefusal(error)) return error;
    if (this.options.hideRefusals) return this.hidden(context, error);
    if (error.getStatus() === UNAUTHORIZED) this.challenge(context);
    return error;
  }

  private hidden(context: ExecutionContext, cause: unknown): FileNotFoundError {
    const response = responseOf(context);
    if (!response.headersSent) response.removeHeader(CHALLENGE);
    return new FileNotFoundError({ cause });
  }

  /** The app's guard may have set one of its own, or have answered itself, with a redirect to its login. */
  private challenge(context: ExecutionContext): void {
    const response = responseOf(context);
    if (!response.headersSent && response.getHeader(CHALLENGE) === undefined)
      response.header(CHALLENGE, this.options.challenge);
  }

  private isLoggedIn(context: ExecutionContext): boolean {
    try {
      return !isNobody(this.options.user(context.switchToHttp().getRequest()));
    } catch {
      return false; // reported where the rule was asked
    }
  }
}

/** Whether a guard said no by throwing. */
export function isRefusal(error: unknown): error is HttpException {
  return error instanceof HttpException && [UNAUTHORIZED, FORBIDDEN].includes(error.getStatus());
}

function responseOf(context: ExecutionContext): HeaderBag {
  return context.switchToHttp().getResponse<HeaderBag>();
}
