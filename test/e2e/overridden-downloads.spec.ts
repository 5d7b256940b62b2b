import {
  Controller,
  Get,
  Injectable,
  Module,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import {
  AllowSuperuser,
  FileStorage,
  InjectStorage,
  MemoryStorage,
  PrivateStorageModule,
  storageToken,
} from 'nestjs-private-storage';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ADAPTERS, type Adapter } from './app.js';
import { LoginGuard } from './users.js';

/** What a test of an app puts in the place of its login. */
const rootLogin = {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<{ user: unknown }>().user = { isSuperuser: true };
    return true;
  },
};

@Module({ providers: [LoginGuard], exports: [LoginGuard] })
class AuthModule {}

@Controller('before')
@UseGuards(LoginGuard)
class BeforeController {
  @Get()
  get(): string {
    return 'before';
  }
}

@Module({ imports: [AuthModule], controllers: [BeforeController] })
class BeforeModule {}

@Injectable()
class Reader {
  constructor(@InjectStorage('more') readonly more: FileStorage) {}
}

async function statusOf(
  adapter: Adapter,
  path: string,
  override: (builder: TestingModuleBuilder) => TestingModuleBuilder,
): Promise<number> {
  const builder = Test.createTestingModule({
    imports: [
      BeforeModule,
      PrivateStorageModule.forRoot({
        storage: new MemoryStorage(),
        baseUrl: '/files',
        guards: [LoginGuard, AllowSuperuser],
        storages: {
          more: {
            storage: new MemoryStorage(),
            baseUrl: '/more',
            guards: [LoginGuard, AllowSuperuser],
          },
        },
      }),
      AuthModule,
    ],
    providers: [Reader],
  });
  const module = await override(builder).compile();
  const app = module.createNestApplication(
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger: false },
  );
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  const { port } = server.address() as AddressInfo;
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { 'x-user': 'alice' },
  });
  await app.close();
  return status;
}

async function filled(): Promise<FileStorage> {
  const storage = new MemoryStorage();
  await storage.put(
    'a.txt',
    (async function* () {
      yield Buffer.from('a');
    })(),
  );
  return storage;
}

describe.each(ADAPTERS)("an app's test on %s", (adapter) => {
  it('is refused without overriding anything', async () => {
    expect(await statusOf(adapter, '/files/a.txt', (builder) => builder)).toBe(403);
  });

  it("overrides a guard, where the app's own controllers use it", async () => {
    const status = await statusOf(adapter, '/files/a.txt', (builder) =>
      builder.overrideGuard(LoginGuard).useValue(rootLogin),
    );
    expect(status).toBe(404);
  });

  it('overrides a guard that is a provider', async () => {
    const status = await statusOf(adapter, '/files/a.txt', (builder) =>
      builder.overrideProvider(LoginGuard).useValue(rootLogin),
    );
    expect(status).toBe(404);
  });

  it("overrides the library's own guards", async () => {
    const yes = { canActivate: () => true };
    const status = await statusOf(adapter, '/files/a.txt', (builder) =>
      builder.overrideProvider(AllowSuperuser).useValue(yes),
    );
    expect(status).toBe(404);
  });

  it.each([
    ['/files/a.txt', storageToken()],
    ['/files/a.txt', FileStorage],
    ['/more/a.txt', storageToken('more')],
  ])('overrides the storage of %s', async (path, token) => {
    const storage = await filled();
    const status = await statusOf(adapter, path, (builder) =>
      builder
        .overrideProvider(token)
        .useValue(storage)
        .overrideProvider(LoginGuard)
        .useValue(rootLogin),
    );
    expect(status).toBe(200);
  });
});
