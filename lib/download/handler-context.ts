import type { ExecutionContext, Type } from '@nestjs/common';
// Not public API of Nest: no root exports it, and an update may move it.
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';

/**
 * The context that Nest gives to guards and interceptors, made by a handler, which has to run guards once it knows
 * which. One that a guard hands over would have to be kept on the request, and on Express that costs microseconds.
 */
export function handlerContext<N extends string>(
  controller: Record<N, (...args: never[]) => unknown>,
  handler: N,
  args: [request: object, response: object],
): ExecutionContext {
  return new ExecutionContextHost(args, controller.constructor as Type, controller[handler]);
}
