import {
  Body,
  Controller,
  Post,
  UnprocessableEntityException,
  UploadedFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  PrivateFile,
  PrivateFileGuard,
  PrivateFilePipe,
  PrivateImage,
  PrivateStorageService,
  RequestedFile,
  StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { DirectUploadController, DirectUploadInterceptor } from 'nestjs-private-storage/s3';
import { LoginGuard, type TestUser } from '../e2e/users.js';

/** In bytes. */
export const LIMIT = 100 * 1024;

/** Refuses staff for a change: what is asked is the field's guard, not a role. */
class NotStaff extends PrivateFileGuard<unknown, TestUser> {
  canAccess({ user, action, key }: RequestedFile<unknown, TestUser>): boolean {
    return user.id !== 'staff' && action === 'upload' && key === '';
  }
}

export class Dossier {
  @PrivateFile({
    uploadTo: 'dossiers',
    contentTypes: ['application/pdf', 'text/plain'],
    maxFileSize: LIMIT,
    guards: [NotStaff],
  })
  file: StoredFile | StagedFile | null = null;

  @PrivateImage({ uploadTo: 'scans', maxWidth: 3 })
  scan: StoredFile | StagedFile | null = null;
}

@Controller('dossiers/direct-uploads')
@UseGuards(LoginGuard)
export class DossierUploads extends DirectUploadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';
}

/** Without guards of the field's own the storage's are asked: superusers only. */
@Controller('scans/direct-uploads')
export class ScanUploads extends DirectUploadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'scan';
}

@Controller('hasty/direct-uploads')
@UseGuards(LoginGuard)
export class HastyUploads extends DirectUploadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';
  protected override readonly expires = 2;
}

@Controller('endless/direct-uploads')
export class EndlessUploads extends DirectUploadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';
  protected override readonly expires = Infinity;
}

@Controller()
@UseGuards(LoginGuard)
export class DossiersController {
  constructor(private readonly files: PrivateStorageService) {}

  @Post('dossiers')
  @UseInterceptors(DirectUploadInterceptor(Dossier, 'file'))
  async create(
    @UploadedFile(PrivateFilePipe) file: StagedFile,
    @Body() body: { title?: string; isIdle?: boolean },
  ) {
    if (body.title === '') throw new UnprocessableEntityException('It has no title.');
    if (body.isIdle) return {};
    const dossier = await this.files.commit(Object.assign(new Dossier(), { file }));
    return { body, file: dossier.file };
  }

  @Post('scans')
  @UseInterceptors(DirectUploadInterceptor(Dossier, 'scan'))
  async scan(@UploadedFile(PrivateFilePipe) scan: StagedFile) {
    return { file: (await this.files.commit(Object.assign(new Dossier(), { scan }))).scan };
  }
}
