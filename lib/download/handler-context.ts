import type { ExecutionContext, Type } from '@nestjs/common';
// Not public API of Nest: no root exports it, and an update may move it.
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';

/**
 * The context that Nest gives to guards and interceptors, made by a handler, which has to run guards once it knows
 * which. A parameter decorator is given it too, but what that returns goes through the app's global pipes.
 */
export function handlerContext<N extends string>(
  controller: Record<N, (...args: never[]) => unknown>,
  handler: N,
  args: [request: object, response: object],
): ExecutionContext {
  return new ExecutionContextHost(args, controller.constructor as Type, controller[handler]);
}
