import { Controller, Post, UploadedFile, UseGuards, UseInterceptors } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import {
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageService,
  publicFile,
  type PublicFile,
  type StagedFile,
} from 'nestjs-private-storage';
import { Repository } from 'typeorm';
import type { Account } from '../auth/account.entity.js';
import { CurrentAccount } from '../auth/current-account.decorator.js';
import { JwtAuthGuard } from '../auth/jwt-auth.guard.js';
import { Photo } from './photo.entity.js';

interface PhotoView extends Pick<Photo, 'id' | 'width' | 'height'> {
  readonly file: (PublicFile & { readonly url: string }) | null;
}

@Controller('photos')
@UseGuards(JwtAuthGuard)
export class PhotosController {
  constructor(
    @InjectRepository(Photo) private readonly photos: Repository<Photo>,
    private readonly files: PrivateStorageService,
  ) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Photo, 'file'))
  async create(
    @CurrentAccount() { id: ownerId }: Account,
    @UploadedFile(PrivateFilePipe) upload: StagedFile,
  ): Promise<PhotoView> {
    const photo: Photo = Object.assign(new Photo(), { ownerId, file: upload });
    await this.files.commit(photo, () => this.photos.save(photo));
    const { id, width, height, file } = photo;
    return { id, width, height, file: file && { ...publicFile(file), url: `/photos/${id}/file` } };
  }
}
