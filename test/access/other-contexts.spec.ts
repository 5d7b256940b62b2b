import {
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type INestApplicationContext,
} from '@nestjs/common';
import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import {
  allOf,
  AllowAuthenticated,
  anyOf,
  MemoryStorage,
  PrivateStorageModule,
} from 'nestjs-private-storage';

class Everybody implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

/** As GraphQL, WebSockets and microservices call handlers: through an external context, with arguments of their own. */
@Injectable()
class Resolver {
  @UseGuards(AllowAuthenticated)
  rule(): string {
    return 'let in';
  }

  @UseGuards(anyOf(AllowAuthenticated, Everybody))
  any(): string {
    return 'let in';
  }

  @UseGuards(allOf(Everybody))
  all(): string {
    return 'let in';
  }

  @UseGuards(Everybody)
  open(): string {
    return 'let in';
  }
}

@Module({
  imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })],
  providers: [Resolver],
})
class TestModule {}

let app: INestApplicationContext;

beforeAll(async () => {
  app = await NestFactory.createApplicationContext(TestModule, {
    logger: false,
    abortOnError: false,
  });
});
afterAll(() => app.close());

const ROWS = [
  ...['graphql', 'ws', 'rpc'].flatMap((type) =>
    (['rule', 'any', 'all'] as const).map((method) => [method, type] as const),
  ),
  ['rule', 'http'] as const,
];

it.each(ROWS)(
  'a guard on files (%s) says no to %s without a file, and does not crash',
  async (method, type) => {
    const creator = app.get(ExternalContextCreator);
    const resolver = app.get(Resolver);
    const none = undefined;
    const call = (name: 'rule' | 'any' | 'all' | 'open') =>
      creator.create(
        resolver,
        Reflect.get(resolver, name),
        name,
        none,
        none,
        none,
        none,
        none,
        type,
      );
    for (const args of [[undefined, {}, {}, {}], [{}, { data: 1 }], [], [null]]) {
      await expect(call(method)(...args)).rejects.toThrow('Forbidden resource');
      await expect(call('open')(...args)).resolves.toBe('let in');
    }
  },
);
