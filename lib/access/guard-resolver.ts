import {
  Injectable,
  Scope,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { ContextIdFactory, ModuleRef, type ContextId } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { ConfigurationError } from '../private-storage.errors.js';

type FindGuard = (context: ExecutionContext) => CanActivate | Promise<CanActivate>;

/** Turns guard classes into instances: the app's own where it has one, else one made in the library's module. */
@Injectable()
export class GuardResolver {
  private readonly found = new Map<Type<CanActivate>, Promise<FindGuard>>();
  private readonly contextIds = new WeakMap<object, ContextId>();

  constructor(private readonly moduleRef: ModuleRef) {}

  /** @throws ConfigurationError when Nest cannot make one of them. */
  async prepare(guards: readonly Type<CanActivate>[]): Promise<void> {
    for (const guard of guards) {
      await this.find(guard);
      await this.prepare(partsOf(guard));
    }
  }

  /** What a guard says; its exceptions are passed on. */
  async ask(guard: Type<CanActivate>, context: ExecutionContext): Promise<boolean> {
    const find = await this.find(guard);
    const instance = await find(context);
    const answer: unknown = await instance.canActivate(context);
    return (
      (isObservable(answer) ? await lastValueFrom(answer, { defaultValue: false }) : answer) ===
      true
    );
  }

  private find(guard: Type<CanActivate>): Promise<FindGuard> {
    const known = this.found.get(guard) ?? this.look(guard);
    this.found.set(guard, known);
    return known;
  }

  private async look(guard: Type<CanActivate>): Promise<FindGuard> {
    const scope = this.registeredScope(guard);
    if (scope === undefined) return this.make(guard);
    if (scope === Scope.DEFAULT) {
      const instance = this.ownInstance(guard);
      return () => instance;
    }
    return (context) => this.moduleRef.resolve(guard, this.contextIdOf(context), { strict: false });
  }

  /** A guard that several modules use may have been replaced in one of them, by a test: that one is meant. */
  private ownInstance(guard: Type<CanActivate>): CanActivate {
    const all: CanActivate[] = this.moduleRef.get(guard, { strict: false, each: true });
    const isReplacement = (instance: object): boolean => !(instance instanceof guard);
    return all.find(isReplacement) ?? this.moduleRef.get(guard, { strict: false });
  }

  /** undefined when the app has not registered it. */
  private registeredScope(guard: Type<CanActivate>): Scope | undefined {
    try {
      return this.moduleRef.introspect(guard).scope;
    } catch {
      return undefined;
    }
  }

  private async make(guard: Type<CanActivate>): Promise<FindGuard> {
    const made = declaredScope(guard) === Scope.REQUEST ? undefined : await this.makeOnce(guard);
    return made ? () => made : (context) => this.moduleRef.create(guard, this.contextIdOf(context));
  }

  /** undefined when it depends on something that exists for a request only: Nest says so, its older versions never answer. */
  private async makeOnce(guard: Type<CanActivate>): Promise<CanActivate | undefined> {
    try {
      return await Promise.race([this.moduleRef.create(guard), nextTurn()]);
    } catch (cause) {
      if (cause instanceof Error && cause.constructor.name === 'RequestScopedCreateException')
        return undefined;
      throw new ConfigurationError(
        `The guard ${guard.name} cannot be made: ${cause instanceof Error ? cause.message : String(cause)} ` +
          `Give PrivateStorageModule the module that exports what it needs: forRoot({ imports: [AuthModule], ... }).`,
        { cause },
      );
    }
  }

  /** One for each request, and Nest's own where it has one: request-scoped guards share what they depend on. */
  private contextIdOf(context: ExecutionContext): ContextId {
    const [request] = context.getArgs<[object]>();
    const known = this.contextIds.get(request);
    if (known) return known;
    const id = ContextIdFactory.getByRequest(request);
    const isNests = id === ContextIdFactory.getByRequest(request); // otherwise each call makes a new one
    if (!isNests) {
      // What a ContextIdStrategy adds is on the request, as for the app's own request-scoped providers.
      this.moduleRef.registerRequestByContextId(Object.assign(request, id.payload), id);
    }
    this.contextIds.set(request, id);
    return id;
  }
}

/** Where a combined guard has its {@link partsOf}: no text, which a guard of the app's may have a static property by. */
export const PARTS = Symbol('nestjs-private-storage:parts');

/** The guards that a combined guard asks. */
export function partsOf(guard: Type<CanActivate>): readonly Type<CanActivate>[] {
  return PARTS in guard ? (guard[PARTS] as readonly Type<CanActivate>[]) : [];
}

/** What `@Injectable({ scope })` says; Nest does not export its name for it. */
function declaredScope(guard: Type<CanActivate>): Scope | undefined {
  const options = Reflect.getMetadata('scope:options', guard) as { scope?: Scope } | undefined;
  return options?.scope;
}

/** All that a guard made at start-up depends on exists already: Nest needs no further turn of the event loop. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)));
}
