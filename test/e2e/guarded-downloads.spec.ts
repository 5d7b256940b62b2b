import {
  ForbiddenException,
  HttpException,
  Inject,
  Injectable,
  Module,
  Scope,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, REQUEST } from '@nestjs/core';
import {
  AllowAuthenticated,
  AllowStaff,
  AllowSuperuser,
  allOf,
  anyOf,
  MemoryStorage,
  PrivateFileGuard,
  PrivateStorageModule,
  type AccessOptions,
  type RequestedFile,
} from 'nestjs-private-storage';
import { of } from 'rxjs';
import { ADAPTERS, startApp, type Adapter, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

const storage = new MemoryStorage();
await storage.put(
  'a.txt',
  (async function* () {
    yield Buffer.from('a');
  })(),
);

/** Says what it was told to. */
function saying(answer: () => unknown): Type<CanActivate> {
  class SayingGuard implements CanActivate {
    canActivate(): boolean {
      return answer() as boolean;
    }
  }
  return SayingGuard;
}

/** A rule that says what it was told to. */
function ruling(answer: (file: RequestedFile) => unknown): Type<CanActivate> {
  class RulingGuard extends PrivateFileGuard {
    canAccess(file: RequestedFile): boolean {
      return answer(file) as boolean;
    }
  }
  return RulingGuard;
}

const throwing = (error: unknown) => (): never => {
  throw error;
};
const yes = saying(() => true);
const no = saying(() => false);
const alice = ruling(({ user }) => user.id === 'alice');

async function statuses(
  adapter: Adapter,
  guards: Type<CanActivate>[] | undefined,
  access?: AccessOptions,
  more: ModuleMetadata = {},
): Promise<Record<string, number>> {
  const running = await startApp(adapter, {
    ...more,
    imports: [
      ...(more.imports ?? []),
      PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards, access }),
    ],
  });
  try {
    return await statusesOf(running);
  } finally {
    await running.close();
  }
}

async function statusesOf({ url }: RunningApp): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const user of ['nobody', 'alice', 'staff', 'root'])
    found[user] = (await fetch(`${url}/files/a.txt`, as(user))).status;
  return found;
}

const all = (status: number): Record<string, number> => ({
  nobody: status,
  alice: status,
  staff: status,
  root: status,
});
const members = (status: number): Record<string, number> => ({ ...all(status), nobody: 401 });

describe.each(ADAPTERS)('guards on %s', (adapter) => {
  it.each<[string, Type<CanActivate>[] | undefined, Record<string, number>]>([
    ['none: nobody knows who asks', undefined, all(401)],
    ['AllowAuthenticated', [LoginGuard, AllowAuthenticated], members(200)],
    ['AllowStaff', [LoginGuard, AllowStaff], { nobody: 401, alice: 403, staff: 200, root: 200 }],
    [
      'AllowSuperuser',
      [LoginGuard, AllowSuperuser],
      { nobody: 401, alice: 403, staff: 403, root: 200 },
    ],
    [
      'ordinary ones run first',
      [AllowStaff, LoginGuard],
      { nobody: 401, alice: 403, staff: 200, root: 200 },
    ],
    ['ordinary ones only: nobody gets nothing', [LoginGuard], members(200)],
    ['an ordinary no', [LoginGuard, no], members(403)],
    ['a promise', [LoginGuard, saying(async () => true)], members(200)],
    ['an observable', [LoginGuard, saying(() => of(true))], members(200)],
    ['a promise of an observable', [LoginGuard, saying(async () => of(false, true))], members(200)],
    ['an observable without an answer', [LoginGuard, saying(() => of())], members(403)],
    ['something truthy is no yes', [LoginGuard, saying(() => 'yes')], members(403)],
    ['a rule that is truthy is no yes', [LoginGuard, ruling(() => 1)], members(403)],
    ['a rule that throws', [LoginGuard, ruling(throwing(new Error('broken')))], members(403)],
    [
      'a rule that rejects',
      [LoginGuard, ruling(() => Promise.reject(new Error('broken')))],
      members(403),
    ],
    ['an ordinary guard that throws', [LoginGuard, saying(throwing('broken'))], members(403)],
    [
      'an exception with a status',
      [LoginGuard, ruling(throwing(new HttpException('slow down', 429)))],
      { ...all(429), nobody: 401 },
    ],
    [
      'an exception of an ordinary guard',
      [saying(throwing(new UnauthorizedException()))],
      all(401),
    ],
    [
      'anyOf: the first',
      [LoginGuard, anyOf(AllowStaff, alice)],
      { nobody: 401, alice: 200, staff: 200, root: 200 },
    ],
    [
      'anyOf: none',
      [
        LoginGuard,
        anyOf(
          no,
          ruling(() => false),
        ),
      ],
      members(403),
    ],
    [
      'allOf: one that finds out who asks, and one that judges',
      [allOf(LoginGuard, AllowStaff)],
      { nobody: 401, alice: 403, staff: 200, root: 200 },
    ],
    [
      'anyOf of such',
      [anyOf(allOf(no, alice), allOf(LoginGuard, AllowStaff))],
      { nobody: 401, alice: 403, staff: 200, root: 200 },
    ],
    ['anyOf: with an ordinary guard', [LoginGuard, anyOf(no, yes, alice)], members(200)],
    [
      'anyOf: a refusal by exception',
      [LoginGuard, anyOf(saying(throwing(new ForbiddenException())), alice)],
      { ...members(403), alice: 200 },
    ],
    [
      'anyOf: another exception',
      [LoginGuard, anyOf(saying(throwing(new HttpException('', 503))), yes)],
      all(503),
    ],
    [
      'anyOf: something broken',
      [LoginGuard, anyOf(saying(throwing(new Error())), yes)],
      members(403),
    ],
    [
      'anyOf of ordinary guards finds out who asks',
      [anyOf(no, LoginGuard), AllowStaff],
      { nobody: 401, alice: 403, staff: 200, root: 200 },
    ],
    [
      'allOf',
      [
        LoginGuard,
        allOf(
          AllowStaff,
          ruling(({ user }) => user.id === 'staff'),
        ),
      ],
      { ...members(403), staff: 200 },
    ],
    [
      'nested',
      [LoginGuard, anyOf(allOf(AllowStaff, AllowSuperuser), allOf(yes, alice))],
      { nobody: 401, alice: 200, staff: 403, root: 200 },
    ],
  ])('%s', async (_, guards, expected) => {
    expect(await statuses(adapter, guards)).toEqual(expected);
  });

  it.each<[string, AccessOptions, Record<string, number>]>([
    ['user', { user: (request) => ({ isStaff: 'headers' in (request as object) }) }, all(200)],
    ['user that is nobody', { user: () => false }, all(401)],
    ['user that throws', { user: throwing(new Error()) }, all(401)],
    [
      'isStaff',
      { isStaff: (user) => (user as { id: string }).id === 'alice' },
      { nobody: 401, alice: 200, staff: 403, root: 200 },
    ],
    ['isStaff that throws', { isStaff: throwing(new Error()) }, members(403)],
    [
      'isSuperuser',
      { isSuperuser: (user) => (user as { id: string }).id === 'alice' },
      { nobody: 401, alice: 200, staff: 200, root: 200 },
    ],
    ['hideRefusals', { hideRefusals: true }, { nobody: 404, alice: 404, staff: 200, root: 200 }],
  ])('access.%s is replaceable', async (_, access, expected) => {
    expect(await statuses(adapter, [LoginGuard, AllowStaff], access)).toEqual(expected);
  });

  it.each<[string, AccessOptions | undefined]>([
    ['access.user', { user: (request) => Promise.resolve((request as { user: unknown }).user) }],
    ['a guard that forgot to wait', undefined],
  ])('takes a promise for no user: %s', async (_, access) => {
    class HastyGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        context.switchToHttp().getRequest<{ user: unknown }>().user = Promise.resolve(undefined);
        return true;
      }
    }
    const login = access ? LoginGuard : HastyGuard;
    expect(await statuses(adapter, [login, AllowAuthenticated], access)).toEqual(all(401));
  });

  it.each<[string, Type<CanActivate>[], AccessOptions | undefined, string | null]>([
    ['the default', [LoginGuard, AllowStaff], undefined, 'Bearer'],
    [
      "the app's",
      [LoginGuard, AllowStaff],
      { challenge: 'Basic realm="files"' },
      'Basic realm="files"',
    ],
    ["a guard's exception", [saying(throwing(new UnauthorizedException()))], undefined, 'Bearer'],
    ['nothing, when refusals are hidden', [LoginGuard, AllowStaff], { hideRefusals: true }, null],
  ])('challenges with %s', async (_, guards, access, challenge) => {
    const running = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards, access })],
    });
    const { headers } = await fetch(`${running.url}/files/a.txt`);
    await running.close();
    expect(headers.get('www-authenticate')).toBe(challenge);
  });

  it("leaves a guard's own challenge alone, and hides it with the refusal", async () => {
    class DigestGuard implements CanActivate {
      canActivate(context: ExecutionContext): never {
        context
          .switchToHttp()
          .getResponse<{ header(name: string, value: string): void }>()
          .header('WWW-Authenticate', 'Digest');
        throw new UnauthorizedException();
      }
    }
    for (const [hideRefusals, expected] of [
      [false, [401, 'Digest']],
      [true, [404, null]],
    ] as const) {
      const running = await startApp(adapter, {
        imports: [
          PrivateStorageModule.forRoot({
            storage,
            baseUrl: '/files',
            guards: [DigestGuard],
            access: { hideRefusals },
          }),
        ],
      });
      const { status, headers } = await fetch(`${running.url}/files/a.txt`);
      await running.close();
      expect([status, headers.get('www-authenticate')]).toEqual(expected);
    }
  });

  it("runs the app's global guards first, where a rule on files says no", async () => {
    const order: string[] = [];
    const noting = (name: string): Type<CanActivate> => saying(() => order.push(name) > 0);
    await statuses(adapter, [noting('storage')], undefined, {
      providers: [{ provide: APP_GUARD, useClass: noting('app') }],
    });
    expect(order.slice(0, 2)).toEqual(['app', 'storage']);
    const withRule = { providers: [{ provide: APP_GUARD, useClass: ruling(() => true) }] };
    expect(await statuses(adapter, [LoginGuard, yes], undefined, withRule)).toEqual(all(403));
  });
});

describe.each(ADAPTERS)('where guards come from on %s', (adapter) => {
  @Injectable()
  class Tokens {
    readonly wanted = 'staff';
  }

  @Injectable()
  class TokenGuard extends PrivateFileGuard {
    asked = 0;

    constructor(private readonly tokens: Tokens) {
      super();
    }

    canAccess({ user }: RequestedFile): boolean {
      this.asked++;
      return user.id === this.tokens.wanted;
    }
  }

  @Injectable({ scope: Scope.REQUEST })
  class RequestGuard extends PrivateFileGuard {
    private asked = 0;

    constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {
      super();
    }

    canAccess(): boolean {
      return ++this.asked === 1 && this.request.headers['x-user'] === 'staff';
    }
  }

  @Injectable()
  class NeedsRequestGuard extends PrivateFileGuard {
    constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {
      super();
    }

    canAccess(): boolean {
      return this.request.headers['x-user'] === 'staff';
    }
  }

  @Module({ providers: [Tokens, TokenGuard] })
  class ClosedAuthModule {}

  @Module({ providers: [Tokens], exports: [Tokens] })
  class TokensModule {}

  const staffOnly = { ...members(403), staff: 200 };
  const options = (guard: Type<CanActivate>) => ({
    storage,
    baseUrl: '/files',
    guards: [LoginGuard, guard],
  });

  it("is the app's own instance, without an export", async () => {
    const running = await startApp(adapter, {
      imports: [ClosedAuthModule, PrivateStorageModule.forRoot(options(TokenGuard))],
    });
    expect(await statusesOf(running)).toEqual(staffOnly);
    expect(running.app.get(TokenGuard, { strict: false }).asked).toBe(3);
    await running.close();
  });

  it.each([
    ['alone', TokenGuard],
    ['within anyOf', anyOf(no, TokenGuard)],
    ['within allOf within anyOf', anyOf(no, allOf(yes, TokenGuard))],
  ])('is made with what `imports` offers, %s', async (_, guard) => {
    const running = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ ...options(guard), imports: [TokensModule] })],
    });
    expect(await statusesOf(running)).toEqual(staffOnly);
    await running.close();
  });

  it('is made in forRootAsync too', async () => {
    const running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRootAsync({
          imports: [TokensModule],
          useFactory: () => options(TokenGuard),
        }),
      ],
    });
    expect(await statusesOf(running)).toEqual(staffOnly);
    await running.close();
  });

  it.each([
    ['that the app has', RequestGuard, [RequestGuard]],
    ['that the app does not have', RequestGuard, []],
    ['by what it needs', NeedsRequestGuard, []],
    ['by what it needs, that the app has', NeedsRequestGuard, [NeedsRequestGuard]],
    ['within anyOf', anyOf(no, RequestGuard), []],
    ['within allOf', allOf(yes, RequestGuard), [RequestGuard]],
  ])('is made for each request when it is request-scoped: %s', async (_, guard, providers) => {
    const running = await startApp(adapter, {
      providers,
      imports: [PrivateStorageModule.forRoot(options(guard))],
    });
    expect(await statusesOf(running)).toEqual(staffOnly);
    expect(await statusesOf(running)).toEqual(staffOnly);
    await running.close();
  });

  it.each([
    ['alone', TokenGuard],
    ['within anyOf', anyOf(yes, TokenGuard)],
  ])('has to be somewhere: %s', async (_, guard) => {
    await expect(
      startApp(adapter, { imports: [PrivateStorageModule.forRoot(options(guard))] }),
    ).rejects.toThrow(
      /^The guard TokenGuard cannot be made: .+ forRoot\(\{ imports: \[AuthModule\], \.\.\. \}\)\.$/s,
    );
  });
});
