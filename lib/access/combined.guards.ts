import {
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { ConfigurationError } from '../private-storage.errors.js';
import { GuardResolver, PARTS, partsOf } from './guard-resolver.js';
import { PrivateFileGuard } from './private-file.guard.js';
import { isRefusal } from './refusals.js';

/**
 * A guard that says yes when one of `guards` does; they are asked in order, the rest not at all. One that throws 401 or
 * 403 has said no, and so has a `PrivateFileGuard` that fails; one of the app's that throws anything else ends the asking,
 * with a no.
 *
 * @throws ConfigurationError when there is none, or one is no class.
 */
export function anyOf(...guards: Type<CanActivate>[]): Type<CanActivate> {
  return combine('anyOf', guards, async (ask) => {
    for (const guard of guards) if (await ask(guard).catch(refusalToNo)) return true;
    return false;
  });
}

/**
 * A guard that says yes when all of `guards` do; they are asked in order, up to the first no.
 *
 * @throws ConfigurationError when there is none, or one is no class.
 */
export function allOf(...guards: Type<CanActivate>[]): Type<CanActivate> {
  return combine('allOf', guards, async (ask) => {
    for (const guard of guards) if (!(await ask(guard))) return false;
    return true;
  });
}

/** Whether a guard judges files: it extends `PrivateFileGuard`, or combines one that does. */
export function judgesFiles(guard: Type<CanActivate>): boolean {
  return guard.prototype instanceof PrivateFileGuard || partsOf(guard).some(judgesFiles);
}

type Ask = (guard: Type<CanActivate>) => Promise<boolean>;

function combine(
  name: string,
  guards: readonly Type<CanActivate>[],
  judge: (ask: Ask) => Promise<boolean>,
): Type<CanActivate> {
  if (guards.length === 0 || !guards.every((guard) => typeof guard === 'function')) {
    throw new ConfigurationError(
      `${name}() takes guard classes, such as ${name}(AllowStaff, OwnerGuard); one that is undefined comes from a circular import.`,
    );
  }
  @Injectable()
  class CombinedGuard implements CanActivate {
    static readonly [PARTS] = guards;

    constructor(@Inject(GuardResolver) private readonly resolver: GuardResolver) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      return context.getType() === 'http' && judge((guard) => this.resolver.ask(guard, context));
    }
  }
  return CombinedGuard;
}

function refusalToNo(error: unknown): false {
  if (isRefusal(error)) return false;
  throw error;
}
