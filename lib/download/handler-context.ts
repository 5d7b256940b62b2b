import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

const CONTEXT = Symbol('nestjs-private-storage:context');

/** A property, since a WeakMap of requests is half of the garbage collector's work. */
interface Handled {
  [CONTEXT]?: ExecutionContext;
}

/**
 * Keeps the execution context for the handler, which has to run guards once it knows which. It lets everybody through;
 * it is a guard because an interceptor costs more than the rest of a small download.
 */
@Injectable()
export class HandlerContext implements CanActivate {
  static of(request: object): ExecutionContext {
    const context = (request as Handled)[CONTEXT];
    if (!context) throw new Error('A download handler was called outside of a request.');
    return context;
  }

  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<Handled>()[CONTEXT] = context;
    return true;
  }
}
