import {
  Controller,
  Post,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import {
  AllowStaff,
  MemoryStorage,
  PrivateStorageModule,
  PrivateStorageService,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp } from './app.js';
import { as, LoginGuard } from './users.js';

const KEY = 'Ordner mit Leerzeichen/50% ü?#&+;.txt';

const PREPARATIONS: [string, (app: INestApplication) => unknown, string, string?][] = [
  ['nothing', () => undefined, '/private-media/'],
  ['a global prefix', (app) => app.setGlobalPrefix('api'), '/api/private-media/'],
  [
    'a global prefix with slashes',
    (app) => app.setGlobalPrefix('/api/files/'),
    '/api/files/private-media/',
  ],
  [
    'an excluded path',
    (app) => app.setGlobalPrefix('api', { exclude: ['private-media/{*rest}'] }),
    '/private-media/',
  ],
  [
    'an exclusion of something else',
    (app) => app.setGlobalPrefix('api', { exclude: ['health', 'private-media'] }),
    '/api/private-media/',
  ],
  [
    'an exclusion below',
    (app) =>
      app.setGlobalPrefix('api', { exclude: ['private-media/Ordner%20mit%20Leerzeichen/*rest'] }),
    '/api/private-media/',
  ],
  [
    'versions',
    (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    '/private-media/',
  ],
  [
    'versions and a prefix',
    (app) =>
      app
        .setGlobalPrefix('api')
        .enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] }),
    '/api/private-media/',
  ],
  [
    'versions in a header',
    (app) =>
      app.enableVersioning({ type: VersioningType.HEADER, header: 'v', defaultVersion: '1' }),
    '/private-media/',
  ],
  ["a path of RouterModule's", () => undefined, '/admin/files/private-media/', 'admin/files'],
  [
    "a global prefix and a path of RouterModule's",
    (app) => app.setGlobalPrefix('api'),
    '/api/admin/private-media/',
    '/admin/',
  ],
  [
    "an excluded path below one of RouterModule's",
    (app) => app.setGlobalPrefix('api', { exclude: ['admin/private-media/{*rest}'] }),
    '/admin/private-media/',
    'admin',
  ],
];

describe.each(ADAPTERS)('url() on %s', (adapter) => {
  it.each(PREPARATIONS)(
    'leads to the file in an app with %s',
    async (_, prepare, start, modulePath = '') => {
      const storage = new MemoryStorage();
      await storage.put(
        KEY,
        (async function* () {
          yield Buffer.from('found');
        })(),
      );
      const { app, url, close } = await startApp(
        adapter,
        {
          imports: [
            PrivateStorageModule.forRoot({
              storage,
              baseUrl: '/private-media',
              guards: [LoginGuard, AllowStaff],
            }),
            ...(modulePath === ''
              ? []
              : [RouterModule.register([{ path: modulePath, module: PrivateStorageModule }])]),
          ],
        },
        prepare,
      );
      const path = app.get(PrivateStorageService).url({ storage: 'default', key: KEY });
      expect(path.startsWith(start)).toBe(true);
      const response = await fetch(url + path, as('staff'));
      const body = await response.text();
      const put = await fetch(url + path, {
        method: 'PUT',
        body: Buffer.from('new'),
        ...as('staff'),
      });
      await close();
      expect([response.status, body]).toEqual([200, 'found']);
      expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    },
  );

  it('has a sentence for a storage without baseUrl, which has no routes', async () => {
    const { app, url, close } = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })],
    });
    expect(() => app.get(PrivateStorageService).url({ storage: 'default', key: 'a' })).toThrow(
      'The storage "default" has no baseUrl; give it one, or link to the entity\'s own route.',
    );
    const statuses = await Promise.all(
      ['/', '/a', '/default/a', '/undefined/a'].map(
        async (path) => (await fetch(url + path)).status,
      ),
    );
    await close();
    expect(statuses).toEqual([404, 404, 404, 404]);
  });
});

describe.each(ADAPTERS)('routes of the app on %s', (adapter) => {
  @Controller({ path: 'files', version: [VERSION_NEUTRAL, '1'] })
  class FilesController {
    @Post(['', 'x'])
    post(): string {
      return 'own';
    }
  }

  it.each<[string, (app: INestApplication) => unknown, string[]]>([
    ['beside a baseUrl', () => undefined, ['/files']],
    [
      'of a version',
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      ['/files', '/v1/files', '/v1/files/x'],
    ],
    [
      'without the prefix',
      (app) => app.setGlobalPrefix('api', { exclude: ['files', 'files/x'] }),
      ['/files', '/files/x'],
    ],
  ])('%s stay what they are', async (_, prepare, paths) => {
    const { url, close } = await startApp(
      adapter,
      {
        controllers: [FilesController],
        imports: [
          PrivateStorageModule.forRoot({ storage: new MemoryStorage(), baseUrl: '/files' }),
        ],
      },
      prepare,
    );
    const statuses = await Promise.all(
      paths.map(async (path) => (await fetch(url + path, { method: 'POST' })).status),
    );
    await close();
    expect(statuses).toEqual(paths.map(() => 201));
  });

  it("of a module's path stay what they are", async () => {
    const { url, close } = await startApp(adapter, {
      controllers: [FilesController],
      imports: [
        PrivateStorageModule.forRoot({ storage: new MemoryStorage(), baseUrl: '/files' }),
        RouterModule.register([{ path: 'admin', module: PrivateStorageModule }]),
      ],
    });
    const own = await fetch(`${url}/files/x`, { method: 'POST' });
    const ours = await fetch(`${url}/admin/files/x`, { method: 'POST' });
    await close();
    expect([own.status, ours.status]).toEqual([201, 405]);
  });
});

it('two apps in one process do not see each other', async () => {
  const start = async (
    adapter: (typeof ADAPTERS)[number],
    text: string,
    baseUrl: string,
    guards: (typeof LoginGuard)[],
  ) => {
    const storage = new MemoryStorage();
    await storage.put(
      'a.txt',
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
    const storages = { more: { storage, baseUrl: `${baseUrl}-more`, guards } };
    return startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage, baseUrl, guards, storages })],
    });
  };
  const [one, two] = await Promise.all([
    start('express', 'one', '/files', [LoginGuard]),
    start('fastify', 'two', '/other', [AllowStaff as unknown as typeof LoginGuard]),
  ]);
  const ask = async ({ url }: { url: string }, path: string) => {
    const response = await fetch(url + path, as('staff'));
    return response.ok ? response.text() : response.status;
  };
  expect(await ask(one, '/files/a.txt')).toBe('one');
  expect(await ask(one, '/files-more/a.txt')).toBe('one');
  expect(await ask(one, '/other/a.txt')).toBe(404);
  expect(await ask(two, '/files/a.txt')).toBe(404);
  expect(await ask(two, '/other/a.txt')).toBe(401);
  expect(await ask(two, '/other-more/a.txt')).toBe(401);
  await one.close();
  await two.close();
});
