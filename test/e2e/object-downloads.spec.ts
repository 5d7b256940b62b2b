import {
  Controller,
  Injectable,
  NotFoundException,
  Scope,
  UseGuards,
  type CanActivate,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import {
  AllowStaff,
  FileServer,
  MemoryStorage,
  ObjectDownloadController,
  PrivateFile,
  PrivateStorageModule,
  type HttpExchange,
  type RequestedFile,
  type ServedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp, type Adapter, type RunningApp } from './app.js';
import { rawRequest } from './raw-http.js';
import { as, LoginGuard, type TestUser } from './users.js';

const NAME = 'Heizölrückstoßabdämpfung.txt';
const TEXT = 'warm';

class Dossier {
  @PrivateFile({ storage: 'dossiers' })
  file: StoredFile | null;

  constructor(
    readonly owner: string,
    key: string | null,
    storage = 'dossiers',
  ) {
    const facts = {
      name: NAME,
      size: TEXT.length,
      contentType: 'text/plain',
      uploadedAt: '2026-07-01T12:00:00Z',
    };
    this.file = key === null ? null : { ...facts, storage, key };
  }
}

const DOSSIERS: Record<string, Dossier> = {
  alices: new Dossier('alice', 'a.txt'),
  bobs: new Dossier('bob', 'a.txt'),
  empty: new Dossier('alice', null),
  gone: new Dossier('alice', 'gone.txt'),
  hostile: new Dossier('alice', '../a.txt'),
  elsewhere: new Dossier('alice', 'a.txt', 'default'),
};

const order: string[] = [];

interface Request {
  params: { id: string };
}

@Controller('dossiers/:id/file')
class OwnerDownload extends ObjectDownloadController<Dossier, TestUser & Record<string, unknown>> {
  protected entity = Dossier;
  protected field = 'file' as const;

  protected findObject(request: Request): Dossier | undefined {
    order.push('findObject');
    return DOSSIERS[request.params.id];
  }

  protected override canAccessFile(
    file: RequestedFile<Dossier, TestUser & Record<string, unknown>>,
  ): boolean {
    order.push('canAccessFile');
    return file.parent.owner === file.user.id;
  }
}

@Controller('dossiers/:id/file')
class GuardedDownload extends ObjectDownloadController<Dossier> {
  protected entity = Dossier;
  protected field = 'file' as const;
  /** Names that an app is likely to use for its own. */
  private readonly service = DOSSIERS;

  protected async findObject(request: Request): Promise<Dossier | null> {
    return this.find(request.params.id);
  }

  private find(id: string): Dossier | null {
    return this.service[id] ?? null;
  }
}

class NotedLogin extends LoginGuard {
  override canActivate(...args: Parameters<LoginGuard['canActivate']>): boolean {
    order.push('login');
    return super.canActivate(...args);
  }
}

async function start(
  adapter: Adapter,
  controllers: Type[],
  more: ModuleMetadata = {},
  hideRefusals = false,
): Promise<RunningApp> {
  const dossiers = new MemoryStorage();
  await dossiers.put('a.txt', oneChunk());
  const storage = new MemoryStorage();
  await storage.put('a.txt', oneChunk());
  return startApp(adapter, {
    ...more,
    controllers,
    imports: [
      PrivateStorageModule.forRoot({
        storage,
        access: { hideRefusals },
        storages: { dossiers: { storage: dossiers, guards: [NotedLogin, AllowStaff] } },
      }),
    ],
  });
}

async function* oneChunk(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(TEXT);
}

const get = (
  running: RunningApp,
  id: string,
  user = 'alice',
  init: RequestInit = {},
): Promise<Response> => fetch(`${running.url}/dossiers/${id}/file`, { ...as(user), ...init });

describe.each(ADAPTERS)('object downloads on %s', (adapter) => {
  let running: RunningApp | undefined;

  beforeEach(() => void order.splice(0));
  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  it.each([
    ['alice', 'alices', 200],
    ['bob', 'alices', 403],
    ['staff', 'alices', 403],
    ['nobody', 'alices', 401],
    ['alice', 'missing', 404],
    ['alice', 'empty', 404],
    ['alice', 'gone', 404],
    ['alice', 'hostile', 404],
    ['bob', 'hostile', 404],
    ['alice', 'elsewhere', 500],
  ])('canAccessFile() decides in the place of the guards: %s, %s: %i', async (user, id, status) => {
    running = await start(adapter, [OwnerDownload]);
    expect((await get(running, id, user)).status).toBe(status);
  });

  it.each([
    ['alice', 'alices', 403],
    ['staff', 'alices', 200],
    ['nobody', 'alices', 401],
    ['staff', 'missing', 404],
  ])("the storage's guards decide without it: %s, %s: %i", async (user, id, status) => {
    running = await start(adapter, [GuardedDownload]);
    expect((await get(running, id, user)).status).toBe(status);
  });

  it('sends the file under the name it was uploaded with, for GET and HEAD', async () => {
    running = await start(adapter, [OwnerDownload]);
    const path = '/dossiers/alices/file';
    const answer = await rawRequest(running.url, 'GET', path, as('alice').headers);
    expect(answer.body.toString()).toBe(TEXT);
    expect(answer.headers.map((line) => line.toLowerCase())).toContain(
      `content-disposition: inline; filename="heizolrucksto_abdampfung.txt"; filename*=utf-8''heiz%c3%b6lr%c3%bccksto%c3%9fabd%c3%a4mpfung.txt`,
    );
    const headAnswer = await rawRequest(running.url, 'HEAD', path, as('alice').headers);
    expect(headAnswer).toEqual({ ...answer, body: Buffer.alloc(0) });
  });

  it('leaves other methods of the path to the app', async () => {
    running = await start(adapter, [OwnerDownload]);
    expect((await get(running, 'alices', 'alice', { method: 'DELETE' })).status).toBe(404);
  });

  it('asks in the order that is promised', async () => {
    const own: Type<CanActivate> = class {
      canActivate(): boolean {
        order.push('@UseGuards');
        return true;
      }
    };
    @UseGuards(own)
    @Controller('dossiers/:id/file')
    class Download extends OwnerDownload {}
    running = await start(adapter, [Download]);
    await get(running, 'alices');
    expect(order).toEqual(['@UseGuards', 'login', 'findObject', 'canAccessFile']);
  });

  it.each([Scope.DEFAULT, Scope.REQUEST])(
    'can be overridden in every part, with injections of its own, in scope %i',
    async (scope) => {
      class TeapotServer extends FileServer {
        async serve({ file, headers }: ServedFile, exchange: HttpExchange): Promise<void> {
          exchange.begin(418, { ...headers })?.end(`short and stout: ${file.key}`);
        }
      }
      @Injectable()
      class Names {
        readonly suffix = 'of alice';
      }
      @Controller({ path: 'dossiers/:id/file', scope })
      class Download extends OwnerDownload {
        protected override readonly storage = 'dossiers';
        protected override readonly server = TeapotServer;
        protected override readonly inlineTypes = [];

        constructor(private readonly names: Names) {
          super();
        }

        protected override contentDisposition(
          _file: unknown,
          byStorage: 'inline' | 'attachment',
        ): 'inline' | 'attachment' {
          return byStorage === 'attachment' ? 'inline' : 'attachment';
        }

        protected override fileName(): string {
          return `file ${this.names.suffix}.txt`;
        }

        protected override fileNotFound(): Error {
          return new NotFoundException('no such dossier');
        }
      }
      running = await start(adapter, [Download], { providers: [Names] });
      const response = await get(running, 'alices');
      expect([response.status, await response.text()]).toEqual([418, 'short and stout: a.txt']);
      expect(response.headers.get('content-disposition')).toBe(
        'inline; filename="file of alice.txt"',
      );
      for (const id of ['missing', 'empty', 'hostile']) {
        expect(await (await get(running, id)).json()).toMatchObject({ message: 'no such dossier' });
      }
    },
  );

  it('cannot be told from no entity where refusals are hidden, by default and with an exception of its own', async () => {
    class Download extends OwnerDownload {
      protected override fileNotFound(): Error {
        return new NotFoundException('no such dossier');
      }
    }
    Controller('own/:id/file')(Download);
    running = await start(adapter, [OwnerDownload, Download], {}, true);
    for (const base of ['dossiers', 'own']) {
      const [refused, ...others] = await Promise.all(
        ['bobs', 'missing', 'empty', 'gone'].map((id) =>
          rawRequest(running!.url, 'GET', `/${base}/${id}/file`, as('alice').headers),
        ),
      );
      for (const other of others) expect(other).toEqual(refused);
      expect(refused?.status).toBe(404);
    }
  });

  it.each([
    [
      { storage: 'typo' },
      'There is no storage called "typo"; PrivateStorageModule was given: default, dossiers.',
    ],
    [
      { field: 'owner' },
      'Dossier.owner is not private; put @PrivateFile() or @PrivateImage() on it.',
    ],
    [
      { entity: undefined },
      'The entity of the private field "file" is no class; one that is undefined comes from a circular import.',
    ],
    [
      { inlineTypes: ['png'] },
      /inlineTypes has "png"; write media types such as "application\/pdf" or "image\/\*"\.$/,
    ],
    [{ server: 'warp' }, /server is an instance or class of FileServer, or one of stream/],
  ])('fails at start-up with %j', async (wrong, sentence) => {
    class Download extends OwnerDownload {
      constructor() {
        super();
        Object.assign(this, wrong);
      }
    }
    Controller('dossiers/:id/file')(Download);
    await expect(start(adapter, [Download])).rejects.toThrow(sentence);
  });
});
