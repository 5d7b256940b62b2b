import { Body, Controller, Post, UploadedFile, UseGuards, UseInterceptors } from '@nestjs/common';
import {
  AllowStaff,
  ObjectDownloadController,
  PrivateFile,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageModule,
  PrivateStorageService,
  type RequestedFile,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { readS3Settings } from './s3-settings.js';
import { readSettings } from './settings.js';

const { adapter, files } = readSettings();
const { bucket, endpoint, region, accessKeyId, secretAccessKey } = readS3Settings();

class Dossier {
  @PrivateFile({
    uploadTo: 'uploads',
    fileName: 'random',
    contentTypes: ['application/pdf'],
    maxFileSize: '2gb',
  })
  file: StoredFile | StagedFile | null = null;
  ownerId = '1';
  title = '';
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

@Controller('dossiers')
@UseGuards(LoginGuard, StaffGuard)
class DossierController {
  constructor(private readonly storage: PrivateStorageService) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async create(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() body: { title: string }) {
    await this.storage.commit(Object.assign(new Dossier(), body, { file }));
    return { title: body.title, size: file.size };
  }
}

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
  controllers: [DossierDownload, DossierController],
});
