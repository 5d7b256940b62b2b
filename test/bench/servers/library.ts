import { AllowStaff, LocalStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { serve } from './app.js';
import { downloadOf } from './dossiers.js';
import { LoginGuard } from './guards.js';
import { startNginxBefore } from './nginx.js';
import { readSettings } from './settings.js';

const { adapter, root, files, nginxFolder } = readSettings();

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
    controllers: [downloadOf(files)],
  },
  {
    front:
      nginxFolder === undefined ? undefined : (url) => startNginxBefore(url, nginxFolder, root),
  },
);
