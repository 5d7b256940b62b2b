import { Controller, Injectable, Module, type Type } from '@nestjs/common';
import {
  ApacheServer,
  CaddyServer,
  FileServer,
  LighttpdServer,
  LocalStorage,
  MemoryStorage,
  NginxServer,
  ObjectDownloadController,
  PrivateFile,
  PrivateStorageModule,
  RedirectServer,
  WebServer,
  type PrivateStorageModuleOptions,
  type ServedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { as, LoginGuard } from './users.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'web-server-choice-')));
afterAll(() => rmSync(folder, { recursive: true }));

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const local = (name: string): LocalStorage => new LocalStorage({ root: join(folder, name) });
const guards = [LoginGuard];

class Dossier {
  @PrivateFile()
  file: StoredFile = {
    storage: 'default',
    key: 'a.txt',
    name: 'a.txt',
    size: 1,
    contentType: 'text/plain',
    uploadedAt: '2026-07-01T12:00:00Z',
  };
}

@Controller('dossier')
class DossierDownload extends ObjectDownloadController<Dossier> {
  protected entity = Dossier;
  protected field = 'file' as const;
  protected override server = new NginxServer({ internalUrl: '/of-the-controller/' });

  protected findObject(): Dossier {
    return new Dossier();
  }
}

@Injectable()
class Settings {
  readonly prefix = '/mnt/files/';
}

/** An app's own: for a web server that sees the files elsewhere. */
@Injectable()
class MountedServer extends WebServer {
  constructor(private readonly settings: Settings) {
    super();
  }

  protected internalHeaders({ file }: ServedFile): Record<string, string> {
    return { 'X-Reproxy-File': this.settings.prefix + file.key };
  }
}

@Module({ providers: [Settings, MountedServer], exports: [Settings, MountedServer] })
class SettingsModule {}

@Module({ providers: [Settings], exports: [Settings] })
class BareSettingsModule {}

describe.each(ADAPTERS)('the server is chosen on %s', (adapter) => {
  let running: RunningApp;

  afterEach(() => running.close());

  const told = async (path: string): Promise<Record<string, string>> => {
    const { status, headers } = await fetch(running.url + path, as('root'));
    expect(status).toBe(200);
    return Object.fromEntries(
      [...headers].filter(([name]) => /^x-(?:accel|sendfile|reproxy)/.test(name)),
    );
  };

  const start = async (
    options: Partial<PrivateStorageModuleOptions> & { imports?: Type[] },
  ): Promise<void> => {
    const storage = local('one');
    await storage.put('a.txt', bytes('a'), { overwrite: true });
    const module = PrivateStorageModule.forRoot({ storage, baseUrl: '/files', guards, ...options });
    running = await startApp(adapter, { imports: [module] });
  };

  it('for each storage and controller by itself', async () => {
    const [storage, invoices, photos] = [local('one'), local('two'), local('three')];
    for (const each of [storage, invoices, photos])
      await each.put('a.txt', bytes('a'), { overwrite: true });
    running = await startApp(adapter, {
      controllers: [DossierDownload],
      imports: [
        PrivateStorageModule.forRoot({
          storage,
          baseUrl: '/files',
          guards,
          server: 'nginx',
          storages: {
            invoices: { storage: invoices, baseUrl: '/invoices', guards, server: 'nginx' },
            photos: { storage: photos, baseUrl: '/photos', guards, server: new ApacheServer() },
            notes: { storage: photos, baseUrl: '/notes', guards },
          },
        }),
      ],
    });
    expect(await told('/files/a.txt')).toEqual({
      'x-accel-redirect': '/private-x-accel-redirect/default/a.txt',
    });
    expect(await told('/invoices/a.txt')).toEqual({
      'x-accel-redirect': '/private-x-accel-redirect/invoices/a.txt',
    });
    expect(await told('/photos/a.txt')).toEqual({ 'x-sendfile': join(folder, 'three', 'a.txt') });
    expect(await told('/notes/a.txt')).toEqual({});
    expect(await told('/dossier')).toEqual({ 'x-accel-redirect': '/of-the-controller/a.txt' });
  });

  it.each([SettingsModule, BareSettingsModule])(
    'as a class that Nest makes, with what it needs from %p',
    async (module) => {
      await start({ server: MountedServer, imports: [module] });
      expect(await told('/files/a.txt')).toEqual({ 'x-reproxy-file': '/mnt/files/a.txt' });
    },
  );

  it('and streams what the web server cannot send, where that was asked for', async () => {
    const storage = new MemoryStorage();
    await storage.put('a.txt', bytes('in memory'));
    await start({ storage, server: new NginxServer({ fallback: 'stream' }) });
    const response = await fetch(`${running.url}/files/a.txt`, as('root'));
    expect([response.status, await response.text()]).toEqual([200, 'in memory']);
    expect(response.headers.get('x-accel-redirect')).toBeNull();
  });

  it('with one internal URL for two names of one folder', async () => {
    const server = new NginxServer({ internalUrl: '/hidden/' });
    const again = { storage: local('one'), baseUrl: '/again', guards, server };
    await start({ server, storages: { again } });
    expect(await told('/again/a.txt')).toEqual({ 'x-accel-redirect': '/hidden/a.txt' });
  });
});

class OwnServer extends FileServer {
  serve(): Promise<void> {
    return Promise.resolve();
  }
}

const shared = new NginxServer({ internalUrl: '/hidden/' });
const options = (
  own: Partial<PrivateStorageModuleOptions>,
  second?: NonNullable<PrivateStorageModuleOptions['storages']>[string],
): PrivateStorageModuleOptions => ({
  storage: local('one'),
  guards,
  ...own,
  ...(second ? { storages: { second } } : {}),
});

const WRONG: [string, () => PrivateStorageModuleOptions, string | RegExp][] = [
  ...[new ApacheServer(), new LighttpdServer(), new CaddyServer(), new NginxServer()].map(
    (server): [string, () => PrivateStorageModuleOptions, RegExp] => [
      `memory behind ${server.constructor.name}`,
      () => options({ storage: new MemoryStorage(), server }),
      new RegExp(
        `${server.constructor.name} cannot send the files of the storage "default": MemoryStorage .*; write server: 'stream' for it`,
      ),
    ],
  ),
  [
    'a name',
    () => options({ server: 'iis' as 'nginx' }),
    'The storage "default": server is an instance or class of FileServer, or one of stream, nginx, apache, lighttpd, caddy, redirect; not iis.',
  ],
  [
    'no signed URLs',
    () => options({ server: 'redirect' }),
    'RedirectServer cannot serve the storage "default": LocalStorage signs no URLs; write server: \'stream\' for it.',
  ],
  [
    'a shared internal URL',
    () => options({ server: shared }, { storage: local('two'), server: shared }),
    /^The storages "default" and "second" have the same internalUrl, .*new NginxServer\(\{ internalUrl: '\/private-x-accel-redirect\/second\/' \}\)\.$/,
  ],
  [
    'an internal URL of two instances',
    () =>
      options(
        { server: new NginxServer({ internalUrl: '/x/' }) },
        { storage: local('two'), server: new NginxServer({ internalUrl: '/x/' }) },
      ),
    /^The storages "default" and "second" have the same internalUrl/,
  ],
  [
    'an internal URL below another',
    () =>
      options(
        { server: new NginxServer({ internalUrl: '/x/y/' }) },
        { storage: local('two'), server: new NginxServer({ internalUrl: '/x/' }) },
      ),
    /or one that lies below the other's \(\/x\/y\/, \/x\/\)/,
  ],
  [
    "an internal URL that is a storage's path",
    () => options({ baseUrl: '/hidden', server: shared }),
    'The internalUrl /hidden/ and the baseUrl /hidden are the same, or one lies below the other; the web server keeps internal URLs from clients, so choose another one.',
  ],
  [
    "an internal URL above another storage's path",
    () => options({ server: shared }, { storage: local('two'), baseUrl: '/hidden/files' }),
    /^The internalUrl \/hidden\/ and the baseUrl \/hidden\/files are the same/,
  ],
  [
    'a name that makes no URL',
    () => ({
      ...options({}),
      storages: { 'all my files': { storage: local('two'), server: 'nginx' as const } },
    }),
    'NginxServer: internalUrl is a path such as "/private-x-accel-redirect/invoices/", of letters, digits, "-", ".", "_" and "~", with a slash at its end; not "/private-x-accel-redirect/all my files/".',
  ],
];

describe('at start-up, not at the first download, it says no to', () => {
  it.each(WRONG)('%s', async (_what, wrong, message) => {
    const start = startApp('express', { imports: [PrivateStorageModule.forRoot(wrong())] });
    await expect(start).rejects.toThrow(message);
    await expect(start).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
  });

  it('the server of a controller', async () => {
    const start = startApp('express', {
      controllers: [DossierDownload],
      imports: [PrivateStorageModule.forRoot({ storage: new MemoryStorage(), guards })],
    });
    await expect(start).rejects.toThrow('NginxServer cannot send the files of the storage');
  });

  it.each([
    [{ internalUrl: 'x/' }, /internalUrl is a path/],
    [{ internalUrl: '/x' }, /with a slash at its end; not "\/x"/],
    [{ internalUrl: '/' }, /internalUrl is a path/],
    [{ internalUrl: '/a/../b/' }, /internalUrl is a path/],
    [{ internalUrl: '/a b/' }, /internalUrl is a path/],
    [{ internalUrl: '//a/' }, /internalUrl is a path/],
    [{ limitRate: -1 }, 'limitRate is a whole number of bytes a second, or 0; not -1.'],
    [{ limitRate: 1.5 }, /limitRate is a whole number/],
    [{ buffering: 'no' as unknown as boolean }, 'buffering is true or false; not no.'],
    [{ expires: NaN }, 'expires is a whole number of seconds, or 0; not NaN.'],
    [
      { fallback: 'none' as 'stream' },
      'NginxServer: fallback is \'stream\' or left out, not "none".',
    ],
  ])('NginxServer with %j', (given, message) => {
    expect(() => new NginxServer(given)).toThrow(message);
  });
});

it('asks a server of the app nothing that it does not say', async () => {
  const running = await startApp('express', {
    imports: [
      PrivateStorageModule.forRoot({ storage: new MemoryStorage(), guards, server: OwnServer }),
    ],
  });
  expect(new OwnServer().internalUrl('default')).toBeUndefined();
  expect(() => new RedirectServer().assertCanServe(new MemoryStorage(), 'x')).toThrow(
    'signs no URLs',
  );
  await running.close();
});
