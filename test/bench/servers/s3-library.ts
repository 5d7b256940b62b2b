import { AllowStaff, PrivateStorageModule } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { serve } from './app.js';
import { DossierController, downloadOf } from './dossiers.js';
import { LoginGuard } from './guards.js';
import { readS3Settings } from './s3-settings.js';
import { readSettings } from './settings.js';

const { adapter, files } = readSettings();
const { bucket, endpoint, region, accessKeyId, secretAccessKey } = readS3Settings();

await serve(adapter, {
  imports: [
    PrivateStorageModule.forRoot({
      storage: new S3Storage({
        bucket,
        endpoint,
        region,
        credentials: { accessKeyId, secretAccessKey },
        forcePathStyle: true,
        delivery: 'proxy',
      }),
      guards: [LoginGuard, AllowStaff],
      uploads: { checksum: false },
    }),
  ],
  controllers: [downloadOf(files), DossierController],
});
