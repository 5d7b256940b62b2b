import { Body, Controller, Post, UploadedFile, UseGuards, UseInterceptors } from '@nestjs/common';
import {
  LocalStorage,
  PrivateFile,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageModule,
  PrivateStorageService,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { serve } from './app.js';
import { LoginGuard, StaffGuard } from './guards.js';
import { readSettings } from './settings.js';
import { readUploadSettings } from './upload-settings.js';

const { adapter, root } = readSettings();
const { checksum, fsync } = readUploadSettings();

class Dossier {
  @PrivateFile({
    uploadTo: 'dossiers/%Y/%m',
    fileName: 'random',
    contentTypes: ['application/pdf'],
    maxFileSize: '2gb',
  })
  file: StoredFile | StagedFile | null = null;
  title = '';
}

@Controller('dossiers')
@UseGuards(LoginGuard, StaffGuard)
class DossierController {
  constructor(private readonly files: PrivateStorageService) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async create(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() body: { title: string }) {
    await this.files.commit(Object.assign(new Dossier(), body, { file }));
    return { title: body.title, size: file.size };
  }
}

await serve(adapter, {
  imports: [
    PrivateStorageModule.forRoot({
      storage: new LocalStorage({ root, fsync }),
      uploads: { checksum },
    }),
  ],
  controllers: [DossierController],
});
