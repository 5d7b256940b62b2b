import { Controller } from '@nestjs/common';
import {
  AllowStaff,
  LocalStorage,
  ObjectDownloadController,
  PrivateFile,
  PrivateStorageModule,
  type RequestedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { serve } from './app.js';
import { LoginGuard } from './guards.js';
import { startNginxBefore } from './nginx.js';
import { readSettings } from './settings.js';

const { adapter, root, files, nginxFolder } = readSettings();

class Dossier {
  @PrivateFile()
  file: StoredFile | null = null;
  ownerId = '1';
}

const dossiers = new Map(
  files.map((file) => [file.name, Object.assign(new Dossier(), { file })] as const),
);

@Controller('dossiers/:id/file')
class DossierDownload extends ObjectDownloadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';

  protected findObject(request: { params: { id: string } }): Dossier | undefined {
    return dossiers.get(request.params.id);
  }

  protected override canAccessFile(file: RequestedFile<Dossier>): boolean {
    return file.parent.ownerId === file.user.id;
  }
}

await serve(
  adapter,
  {
    imports: [
      PrivateStorageModule.forRoot({
        storage: new LocalStorage({ root }),
        baseUrl: '/private-media',
        guards: [LoginGuard, AllowStaff],
        server: nginxFolder === undefined ? 'stream' : 'nginx',
      }),
    ],
    controllers: [DossierDownload],
  },
  {
    front:
      nginxFolder === undefined ? undefined : (url) => startNginxBefore(url, nginxFolder, root),
  },
);
