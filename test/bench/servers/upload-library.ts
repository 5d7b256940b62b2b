import { LocalStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { serve } from './app.js';
import { DossierController } from './dossiers.js';
import { readSettings } from './settings.js';
import { readUploadSettings } from './upload-settings.js';

const { adapter, root } = readSettings();
const { checksum, fsync } = readUploadSettings();

await serve(adapter, {
  imports: [
    PrivateStorageModule.forRoot({
      storage: new LocalStorage({ root, fsync }),
      uploads: { checksum },
    }),
  ],
  controllers: [DossierController],
});
