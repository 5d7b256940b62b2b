import type { ExecutionContext, Type } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';

/**
 * The context that Nest gives to guards and interceptors, made by a handler, which has to run guards once it knows
 * which. Made here, since a guard or interceptor that hands it over costs as much as the rest of a small download.
 */
export function handlerContext<N extends string>(
  controller: Record<N, (...args: never[]) => unknown>,
  handler: N,
  args: [request: object, response: object, next?: unknown],
): ExecutionContext {
  return new ExecutionContextHost(args, controller.constructor as Type, controller[handler]);
}
