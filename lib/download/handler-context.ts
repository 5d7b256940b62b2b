import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';

const contexts = new WeakMap<object, ExecutionContext>();

/** Keeps the execution context for the handler, which has to run guards once it knows which. */
@Injectable()
export class HandlerContext implements NestInterceptor {
  static of(request: object): ExecutionContext {
    const context = contexts.get(request);
    if (!context) throw new Error('A download handler was called outside of a request.');
    return context;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    contexts.set(context.switchToHttp().getRequest(), context);
    return next.handle();
  }
}
