import {
  Controller,
  Injectable,
  Module,
  Post,
  UploadedFile,
  UseInterceptors,
  type INestApplication,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  AllowAuthenticated,
  FileStorage,
  InjectStorage,
  LocalStorage,
  MemoryStorage,
  PrivateFile,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageModule,
  PrivateStorageService,
  storageToken,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { LoginGuard, as } from '../e2e/users.js';
import { readText, put } from '../storage/bytes.js';

const ROOT = '/dev/null/no-folder';

class Dossier {
  @PrivateFile<Dossier>({ uploadTo: 'dossiers' })
  file: StoredFile | null;
}

@Controller('dossiers')
class DossierController {
  constructor(private readonly files: PrivateStorageService) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async create(@UploadedFile(PrivateFilePipe) file: StagedFile): Promise<object> {
    const dossier = await this.files.commit<Dossier>(Object.assign(new Dossier(), { file }));
    return { key: dossier.file?.key };
  }
}

@Injectable()
class Injected {
  constructor(
    readonly files: FileStorage,
    @InjectStorage('invoices') readonly invoices: FileStorage,
  ) {}
}

// An app whose storages would not even start here.
@Module({
  imports: [
    PrivateStorageModule.forRoot({
      storage: new LocalStorage({ root: `${ROOT}/media` }),
      baseUrl: '/media',
      guards: [LoginGuard, AllowAuthenticated],
      storages: {
        invoices: {
          storage: new LocalStorage({ root: `${ROOT}/invoices` }),
          baseUrl: '/invoices',
          guards: [LoginGuard, AllowAuthenticated],
        },
      },
    }),
  ],
  controllers: [DossierController],
  providers: [Injected],
})
class AppModule {}

describe.each([
  ['express', () => new ExpressAdapter()],
  ['fastify', () => new FastifyAdapter()],
])('storages overridden by their tokens, on %s', (_name, adapter) => {
  const files = new MemoryStorage();
  const invoices = new MemoryStorage();
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(FileStorage)
      .useValue(files)
      .overrideProvider(storageToken('invoices'))
      .useValue(invoices)
      .compile();
    app = module.createNestApplication<INestApplication & NestFastifyApplication>(
      adapter() as never,
    );
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  it('are what providers get', () => {
    const injected = app.get(Injected);
    expect(injected.files).toBe(files);
    expect(injected.invoices).toBe(invoices);
  });

  it('take uploads and serve downloads', async () => {
    const body = new FormData();
    body.set('file', new File(['hello'], 'hello.txt'));
    const created = await fetch(`${url}/dossiers`, { method: 'POST', body });
    const { key } = (await created.json()) as { key: string };
    expect(key).toBe('dossiers/hello.txt');
    expect(await readText(files, key)).toBe('hello');
    const downloaded = await fetch(`${url}/media/${key}`, as('alice'));
    expect([downloaded.status, await downloaded.text()]).toEqual([200, 'hello']);
  });

  it('are kept apart', async () => {
    await put(invoices, 'one.txt', 'invoice');
    const [here, elsewhere] = await Promise.all(
      ['invoices', 'media'].map((place) => fetch(`${url}/${place}/one.txt`, as('alice'))),
    );
    expect([here?.status, elsewhere?.status]).toEqual([200, 404]);
  });
});

it('the same app does not start with its own storages', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = module.createNestApplication(new ExpressAdapter());
  await expect(app.init()).rejects.toThrow(/the root .* is a file or lies below one/);
});
