import { Inject, Injectable, Scope } from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdResolver,
  type ContextIdStrategy,
} from '@nestjs/core';
import {
  MemoryStorage,
  PrivateFileGuard,
  PrivateStorageModule,
  type RequestedFile,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp, type RunningApp } from '../e2e/app.js';
import { as, LoginGuard } from '../e2e/users.js';

interface Tenant {
  readonly tenant: string;
}

/** One tree of providers for each tenant, as Nest's documentation has it for durable providers. */
class PerTenant implements ContextIdStrategy<{ headers: Record<string, string> }> {
  private readonly trees = new Map<string, ContextId>();

  attach(own: ContextId, { headers }: { headers: Record<string, string> }): ContextIdResolver {
    const tenant = headers['x-tenant'] ?? '';
    const tree = this.trees.get(tenant) ?? ContextIdFactory.create();
    this.trees.set(tenant, tree);
    return { resolve: ({ isTreeDurable }) => (isTreeDurable ? tree : own), payload: { tenant } };
  }
}

/** Lets a tenant into the folder of its name. */
abstract class TenantGuard extends PrivateFileGuard {
  constructor(@Inject(REQUEST) private readonly asking: Tenant) {
    super();
  }

  canAccess({ key }: RequestedFile): boolean {
    return key.startsWith(`${this.asking.tenant}/`);
  }
}

@Injectable({ scope: Scope.REQUEST, durable: true })
class DurableGuard extends TenantGuard {}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard extends TenantGuard {}

beforeAll(() => ContextIdFactory.apply(new PerTenant()));
afterAll(() => ContextIdFactory.apply(undefined as unknown as ContextIdStrategy));

describe.each(ADAPTERS)('in an app with a tree of providers for each tenant, on %s,', (adapter) => {
  let running: RunningApp;
  afterEach(() => running.close());

  it.each([
    ['a durable guard', DurableGuard, []],
    ['a durable guard that the app has', DurableGuard, [DurableGuard]],
    ['a request-scoped guard', RequestGuard, []],
    ['a request-scoped guard that the app has', RequestGuard, [RequestGuard]],
  ])('%s knows the tenant', async (_, guard, providers) => {
    const storage = new MemoryStorage();
    for (const tenant of ['one', 'two']) await storage.put(`${tenant}/a.txt`, bytes());
    const options = { storage, baseUrl: '/files', guards: [LoginGuard, guard] };
    running = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot(options)],
      providers,
    });
    const statuses: number[] = [];
    for (const [tenant, folder] of [
      ['one', 'one'],
      ['two', 'one'],
      ['two', 'two'],
      ['one', 'two'],
      ['one', 'one'],
    ] as const) {
      const asking = as('alice', { 'x-tenant': tenant });
      statuses.push((await fetch(`${running.url}/files/${folder}/a.txt`, asking)).status);
    }
    expect(statuses).toEqual([200, 403, 200, 403, 200]);
  });
});

async function* bytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a');
}
