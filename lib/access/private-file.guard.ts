import { HttpException, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { stackOf } from '../errors/stack-of.js';
import type { RequestedFile, RequestUser } from '../file/requested-file.js';
import { isNobody } from './access-options.js';

/** The file that a request is about; put there by the door it came through. */
const REQUESTED_FILE = Symbol('nestjs-private-storage:requested-file');

/** A property, since a WeakMap of requests is half of the garbage collector's work. */
interface FileRequest {
  [REQUESTED_FILE]?: RequestedFile<unknown, unknown>;
}

export function setRequestedFile(request: object, file: RequestedFile<unknown, unknown>): void {
  (request as FileRequest)[REQUESTED_FILE] = file;
}

/**
 * A rule on who may do what with a file. It is a Nest provider: inject what it needs.
 *
 * It says no without being asked when no file is requested (another route, GraphQL, WebSockets), when nobody is logged
 * in, and when it throws anything but an `HttpException`.
 *
 * @example
 * class KeepBoardClosed extends PrivateFileGuard {
 *   canAccess(file: RequestedFile) {
 *     return !file.key.startsWith('board/');
 *   }
 * }
 */
export abstract class PrivateFileGuard<P = unknown, U = RequestUser> implements CanActivate {
  /** Whether `file.user` may do `file.action` with `file`. Called before the storage is asked anything about the file. */
  abstract canAccess(file: RequestedFile<P, U>): boolean | Promise<boolean>;

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return false;
    const file = context.switchToHttp().getRequest<FileRequest | undefined>()?.[REQUESTED_FILE];
    if (!file) return false;
    try {
      if (isNobody(file.user)) return false;
      // What P and U are is the app's word: a guard is written for the storage or controller that it is put on.
      const answer: unknown = await this.canAccess(file as RequestedFile<P, U>);
      return answer === true;
    } catch (error) {
      if (error instanceof HttpException) throw error;
      const reason = stackOf(error);
      new Logger(this.constructor.name).error('The rule failed, which means no.', reason);
      return false;
    }
  }
}
