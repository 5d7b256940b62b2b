import { HttpException, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { stackOf } from '../errors/stack-of.js';
import type { RequestedFile, RequestUser } from '../file/requested-file.js';
import { isNobody } from './access-options.js';

const REQUESTED_FILE = Symbol('nestjs-private-storage:requested-file');

/** Kept on the context, not on the request: it is there for this question, and no other finds it. */
interface FileContext {
  [REQUESTED_FILE]?: RequestedFile<unknown, unknown>;
}

/** Tells the guards which file they are asked about; called by the door that the request came through. */
export function setRequestedFile(
  context: ExecutionContext,
  file: RequestedFile<unknown, unknown>,
): void {
  (context as FileContext)[REQUESTED_FILE] = file;
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
    const file = (context as FileContext)[REQUESTED_FILE];
    if (!file) {
      new Logger(this.constructor.name).warn('Asked where no file is requested, which means no.');
      return false;
    }
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
