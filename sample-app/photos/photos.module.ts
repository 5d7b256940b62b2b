import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { PhotoDownloadController } from './photo-download.controller.js';
import { Photo } from './photo.entity.js';
import { PhotosController } from './photos.controller.js';

@Module({
  imports: [AuthModule, TypeOrmModule.forFeature([Photo])],
  controllers: [PhotosController, PhotoDownloadController],
})
export class PhotosModule {}
