import {
  Body,
  Controller,
  Post,
  UploadedFile,
  UseGuards,
  UseInterceptors,
  type Type,
} from '@nestjs/common';
import {
  ObjectDownloadController,
  PrivateFile,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageService,
  type RequestedFile,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { LoginGuard, StaffGuard } from './guards.js';

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

/** Sends the files, each found by its name as a database would find it by an id. */
export function downloadOf(files: readonly StoredFile[]): Type {
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
  return DossierDownload;
}

@Controller('dossiers')
@UseGuards(LoginGuard, StaffGuard)
export class DossierController {
  constructor(private readonly files: PrivateStorageService) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async create(@UploadedFile(PrivateFilePipe) file: StagedFile, @Body() body: { title: string }) {
    await this.files.commit(Object.assign(new Dossier(), body, { file }));
    return { title: body.title, size: file.size };
  }
}
