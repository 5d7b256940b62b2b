import {
  HttpException,
  Inject,
  Injectable,
  Logger,
  type CanActivate,
  type ExecutionContext,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { stackOf } from '../errors/stack-of.js';
import { RequestedFile, type RequestedFileInit, type RequestUser } from '../file/requested-file.js';
import { ConfigurationError, FileNotFoundError } from '../private-storage.errors.js';
import {
  ACCESS_OPTIONS,
  isNobody,
  STORAGE_GUARDS,
  type AccessOptions,
  type StorageGuards,
} from './access-options.js';
import { judgesFiles } from './combined.guards.js';
import { GuardResolver } from './guard-resolver.js';
import { setRequestedFile } from './private-file.guard.js';
import { Refusals } from './refusals.js';

/** A rule of an object download controller. */
export type FileRule<P, U = RequestUser> = (
  file: RequestedFile<P, U>,
) => boolean | Promise<boolean>;

type Rule = () => unknown;

/** The one place that asks the guards: every door of the library goes through it. */
@Injectable()
export class AccessControl implements OnModuleInit {
  private readonly logger = new Logger(AccessControl.name);

  constructor(
    @Inject(ACCESS_OPTIONS) private readonly options: Required<AccessOptions>,
    @Inject(STORAGE_GUARDS) private readonly guards: StorageGuards,
    private readonly resolver: GuardResolver,
    private readonly refusals: Refusals,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const guards of this.guards.values()) await this.prepare(guards);
  }

  /** Called at start-up. @throws ConfigurationError when Nest cannot make one of them. */
  prepare(guards: readonly Type<CanActivate>[]): Promise<void> {
    return this.resolver.prepare(guards);
  }

  /** A file as the guards will see it, with the user that they leave on the request; what `U` is, is the app's word. */
  requestedFile<P, U = RequestUser>(
    context: ExecutionContext,
    init: RequestedFileInit<P>,
  ): RequestedFile<P, U> {
    const request = context.switchToHttp().getRequest<object>();
    const file = new RequestedFile<P, U>(
      init,
      request,
      this.options.user as (request: unknown) => U,
    );
    setRequestedFile(context, file);
    return file;
  }

  /** Runs the storage's ordinary guards: they find out who asks. */
  authenticate(context: ExecutionContext, storageName: string): Promise<void> {
    const guards = this.guardsOf(storageName).filter((guard) => !judgesFiles(guard));
    return this.assertAll(context, this.rulesOf(context, guards));
  }

  /** Runs the storage's guards that judge files, or `rule` in their place. Nobody gets nothing, whatever they say. */
  authorize<P, U = RequestUser>(
    context: ExecutionContext,
    file: RequestedFile<P, U>,
    rule?: FileRule<P, U>,
  ): Promise<void> {
    const isSomebody: Rule = () => !isNobody(file.user);
    if (rule) return this.assertAll(context, [isSomebody, () => rule(file)]);
    const guards = this.guardsOf(file.storageName).filter(judgesFiles);
    return this.assertAll(context, [...this.rulesOf(context, guards), isSomebody]); // one may be what finds the user out
  }

  /** Runs a field's own guards before an upload is read. */
  assertUploadAllowed(
    context: ExecutionContext,
    place: Pick<RequestedFile, 'storage' | 'storageName'>,
    guards: readonly Type<CanActivate>[],
  ): Promise<void> {
    this.requestedFile(context, { ...place, key: '', action: 'upload', parent: undefined });
    return this.assertAll(context, this.rulesOf(context, guards));
  }

  private guardsOf(storageName: string): readonly Type<CanActivate>[] {
    const guards = this.guards.get(storageName);
    if (!guards) throw new FileNotFoundError(); // an unknown storage means no
    return guards;
  }

  private rulesOf(context: ExecutionContext, guards: readonly Type<CanActivate>[]): Rule[] {
    return guards.map((guard) => () => this.resolver.ask(guard, context));
  }

  /** Asks in order, up to the first no. Only `true` is a yes: not every rule is written in TypeScript. */
  private async assertAll(context: ExecutionContext, rules: readonly Rule[]): Promise<void> {
    for (const rule of rules) {
      let cause: unknown;
      try {
        if ((await rule()) === true) continue;
      } catch (error) {
        if (error instanceof ConfigurationError) throw error;
        if (error instanceof HttpException) throw this.refusals.ofException(context, error);
        this.logger.error('A rule failed, which means no.', stackOf(error));
        cause = error;
      }
      throw this.refusals.refusal(context, cause);
    }
  }
}
