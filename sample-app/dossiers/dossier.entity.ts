import type { StoredFile } from 'nestjs-private-storage';
import { PrivateFileColumn } from 'nestjs-private-storage/typeorm';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { settings } from '../settings.js';

@Entity()
export class Dossier {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  ownerId: number;

  @Column()
  title: string;

  @Column({ default: '' })
  customer: string;

  @PrivateFileColumn<Dossier>({
    uploadTo: 'dossiers/%Y/%m',
    uploadSubfolder: ({ customer }) => (customer ? [customer] : []),
    contentTypes: [
      'application/pdf',
      'image/*',
      'text/plain',
      'text/csv',
      'application/msword',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.ms-excel',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ],
    maxFileSize: settings.maxFileSize,
  })
  file: StoredFile | null;
}
