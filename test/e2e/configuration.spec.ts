import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AllowStaff,
  ConfigurationError,
  FileStorage,
  InjectStorage,
  LocalStorage,
  MemoryStorage,
  PrivateStorageModule,
  type PrivateStorageModuleOptions,
} from 'nestjs-private-storage';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

const storage = new MemoryStorage();
const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
writeFileSync(join(folder, 'file'), '');
afterAll(() => rmSync(folder, { recursive: true }));

class NeedsMuch {
  constructor(readonly much: RunningAppNeed) {}
  canActivate(): boolean {
    return true;
  }
}
@Injectable()
class RunningAppNeed {}
Injectable()(NeedsMuch);
Reflect.defineMetadata('design:paramtypes', [RunningAppNeed], NeedsMuch);

const WRONG: [unknown, string | RegExp][] = [
  [
    {},
    /^PrivateStorageModule: storage is missing or no FileStorage; write storage: new LocalStorage\(\{ root: '\/srv\/private-media' \}\)\.$/,
  ],
  [undefined, /storage is missing/],
  [{ storage: '/srv' }, /storage is missing or no FileStorage/],
  [{ storage: MemoryStorage }, /storage is missing or no FileStorage/],
  [
    { storage, baseURL: '/files' },
    'PrivateStorageModule: unknown option "baseURL"; there are: storage, baseUrl, guards, server, inlineTypes, cacheControl, storages, access, uploads.',
  ],
  [
    { storage, access: { isStaf: () => true } },
    'access: unknown option "isStaf"; there are: user, isStaff, isSuperuser, userId, challenge, hideRefusals.',
  ],
  [{ storage, access: 'staff' }, /^access is an object with these options: user,/],
  [{ storage, access: { user: 'user' } }, 'access.user is a function, not string.'],
  [{ storage, access: { hideRefusals: 'yes' } }, 'access.hideRefusals is a boolean, not string.'],
  [{ storage, access: { challenge: 'Basic\r\nX: 1' } }, /^access\.challenge is what a 401 says/],
  [{ storage, access: { challenge: '' } }, /^access\.challenge is what a 401 says/],
  ...[
    'private-media',
    '/',
    '/a/',
    '//a',
    '/a b',
    '/a/*rest',
    '/:a',
    '/..',
    '/a/./b',
    '/ä',
    '',
    5,
  ].map((baseUrl): [unknown, RegExp] => [
    { storage, baseUrl },
    /^PrivateStorageModule: baseUrl is a path such as "\/private-media"/,
  ]),
  [
    { storage, guards: [] },
    /^PrivateStorageModule: guards: \[\] would let everybody in; leave it out for superusers only/,
  ],
  [
    { storage, guards: AllowStaff },
    'PrivateStorageModule: guards is a list of guard classes; write guards: [AllowStaff].',
  ],
  [{ storage, guards: null }, /guards is a list of guard classes/],
  [
    { storage, guards: [AllowStaff, new LoginGuard()] },
    'PrivateStorageModule: guards[1] is no class; give guards as classes, which Nest makes.',
  ],
  [{ storage, guards: [undefined] }, /guards\[0\] is no class/],
  [{ storage, access: null }, /^access is an object with these options: user, /],
  [{ storage, storages: null }, /^storages is an object with the options of each storage/],
  [{ storage, guards: [NeedsMuch] }, /^The guard NeedsMuch cannot be made: /],
  [{ storage, server: 'warp' }, /server is an instance or class of FileServer, or one of stream/],
  [{ storage, server: MemoryStorage }, /server is an instance or class of FileServer/],
  [
    { storage, inlineTypes: 'image/png' },
    /inlineTypes is a list; write inlineTypes: \[\.\.\.SAFE_INLINE_TYPES, 'application\/pdf'\]\.$/,
  ],
  [
    { storage, inlineTypes: ['image'] },
    /inlineTypes has "image"; write media types such as "application\/pdf" or "image\/\*"\.$/,
  ],
  ...[
    'public, max-age=60',
    'max-age=60',
    'private="x"',
    '',
    'private\r\nX: 1',
    's-maxage=9, no-transform',
  ].map((cacheControl): [unknown, RegExp] => [
    { storage, cacheControl },
    /cacheControl has to keep the file out of shared caches; write "private, max-age=60" or "no-store"/,
  ]),
  [
    { storage, storages: { default: { storage } } },
    /^storages\.default: the default storage's options stand at the top/,
  ],
  [
    { storage, storages: { more: undefined } },
    /^storages\.more is an object with these options: storage, baseUrl,/,
  ],
  [{ storage, storages: { more: {} } }, /^storages\.more: storage is missing/],
  [
    { storage, storages: { more: { storage, uploads: {} } } },
    /^storages\.more: unknown option "uploads"/,
  ],
  [
    { storage, baseUrl: '/a', storages: { more: { storage, baseUrl: '/a' } } },
    'The storages "default" and "more" have the same baseUrl, or one that lies below the other\'s; give each its own.',
  ],
  [
    { storage, baseUrl: '/a', storages: { more: { storage, baseUrl: '/A/b' } } },
    /one that lies below the other's/,
  ],
  [
    { storage: new LocalStorage({ root: join(folder, 'file') }) },
    /^LocalStorage: the root .+ is a file or lies below one; give the path of a folder\.$/,
  ],
  [
    {
      storage: new LocalStorage({ root: join(folder, 'outer') }),
      storages: { more: { storage: new LocalStorage({ root: join(folder, 'outer', 'inner') }) } },
    },
    /^A storage has the root .+outer.inner., inside another's, .+outer.: give each a folder/,
  ],
];

describe('a wrong option fails at start-up with a sentence', () => {
  it.each(WRONG)('forRoot(%j)', async (options, sentence) => {
    const start = async (): Promise<unknown> => {
      const running = await startApp('express', {
        imports: [PrivateStorageModule.forRoot(options as PrivateStorageModuleOptions)],
      });
      return running.close();
    };
    await expect(start()).rejects.toThrow(ConfigurationError);
    await expect(start()).rejects.toThrow(sentence);
  });

  it.each([
    [
      undefined,
      [],
      /^PrivateStorageModule got no options; give at least \{ storage: new LocalStorage\(\{ root \}\) \}\.$/,
    ],
    [
      { storage, storages: { more: { storage } } },
      [],
      "storages.more was not announced; write forRootAsync({ storageNames: ['more'], ... }).",
    ],
    [
      { storage },
      ['more'],
      'storageNames announces "more", but the options have no storages.more.',
    ],
  ])('forRootAsync(%j)', async (options, storageNames, sentence) => {
    const useFactory = (): PrivateStorageModuleOptions => options as PrivateStorageModuleOptions;
    const starting = startApp('express', {
      imports: [PrivateStorageModule.forRootAsync({ useFactory, storageNames })],
    });
    await expect(starting).rejects.toThrow(sentence);
  });

  const twice = (): DynamicModule[] =>
    ['/a', '/b'].map((baseUrl) =>
      PrivateStorageModule.forRoot({ storage: new MemoryStorage(), baseUrl }),
    );
  const setUpTwice =
    'PrivateStorageModule is set up twice; call forRoot() once, and name further storages in its `storages`.';

  it.each(ADAPTERS)('a second forRoot() on %s', async (adapter) => {
    await expect(startApp(adapter, { imports: twice() })).rejects.toThrow(setUpTwice);
  });

  it('a second forRoot() in a script or worker, which has no routes', async () => {
    @Module({ imports: twice() })
    class WorkerModule {}
    const starting = NestFactory.createApplicationContext(WorkerModule, {
      logger: false,
      abortOnError: false,
    });
    await expect(starting).rejects.toThrow(setUpTwice);
  });
});

describe.each(ADAPTERS)('the module on %s', (adapter) => {
  const options = (): PrivateStorageModuleOptions => ({
    storage: new MemoryStorage(),
    baseUrl: '/files',
    guards: [LoginGuard],
    storages: { more: { storage: new MemoryStorage(), baseUrl: '/more', guards: [LoginGuard] } },
  });

  @Injectable()
  class Options {
    readonly made = options();

    create(): PrivateStorageModuleOptions {
      return this.made;
    }
  }

  @Module({ providers: [Options], exports: [Options] })
  class OptionsModule {}

  @Injectable()
  class Files {
    constructor(
      readonly storage: FileStorage,
      @InjectStorage() readonly same: FileStorage,
      @InjectStorage('more') readonly more: FileStorage,
    ) {}
  }

  const storageNames = ['more'];

  it.each([
    ['forRoot', () => PrivateStorageModule.forRoot(options())],
    [
      'useFactory',
      () => PrivateStorageModule.forRootAsync({ useFactory: async () => options(), storageNames }),
    ],
    [
      'useFactory with inject',
      () =>
        PrivateStorageModule.forRootAsync({
          imports: [OptionsModule],
          inject: [Options],
          useFactory: (made: Options) => made.create(),
          storageNames,
        }),
    ],
    ['useClass', () => PrivateStorageModule.forRootAsync({ useClass: Options, storageNames })],
    [
      'useExisting',
      () =>
        PrivateStorageModule.forRootAsync({
          imports: [OptionsModule],
          useExisting: Options,
          storageNames,
        }),
    ],
  ])('takes its options from %s, and gives each storage its token', async (_, module) => {
    const running: RunningApp = await startApp(adapter, {
      imports: [module()],
      providers: [Files],
    });
    const files = running.app.get(Files);
    expect(files.storage).toBeInstanceOf(MemoryStorage);
    expect(files.same).toBe(files.storage);
    expect(files.more).not.toBe(files.storage);
    await files.storage.put('a.txt', oneChunk('default'));
    await files.more.put('a.txt', oneChunk('more'));
    const texts = ['/files/a.txt', '/more/a.txt'].map(async (path) =>
      (await fetch(running.url + path, as('alice'))).text(),
    );
    expect(await Promise.all(texts)).toEqual(['default', 'more']);
    await running.close();
  });
});

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
