import type { StoredFile } from 'nestjs-private-storage';
import { PrivateImageColumn } from 'nestjs-private-storage/typeorm';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { settings } from '../settings.js';

@Entity()
export class Photo {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  ownerId: number;

  @PrivateImageColumn<Photo>({
    uploadTo: 'photos',
    fileName: 'random',
    maxFileSize: settings.maxFileSize,
    widthField: 'width',
    heightField: 'height',
  })
  file: StoredFile | null;

  @Column('int', { nullable: true })
  width: number | null;

  @Column('int', { nullable: true })
  height: number | null;
}
