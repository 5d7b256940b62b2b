import { Controller } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ObjectDownloadController, type RequestedFile } from 'nestjs-private-storage';
import { Repository } from 'typeorm';
import type { Account } from '../auth/account.entity.js';
import { Photo } from './photo.entity.js';

@Controller('photos/:id/file')
export class PhotoDownloadController extends ObjectDownloadController<Photo, Account> {
  protected readonly entity = Photo;
  protected readonly field = 'file';

  constructor(@InjectRepository(Photo) private readonly photos: Repository<Photo>) {
    super();
  }

  protected findObject({ params: { id } }: { params: { id: string } }): Promise<Photo | null> {
    return this.photos.findOneBy({ id: /^\d{1,15}$/.test(id) ? Number(id) : -1 });
  }

  protected override canAccessFile({ user, parent }: RequestedFile<Photo, Account>): boolean {
    return user.isStaff || parent.ownerId === user.id;
  }
}
