import { PrivateFileColumn, PrivateImageColumn } from 'nestjs-private-storage/typeorm';
import type { StagedFile, StoredFile } from 'nestjs-private-storage';
import {
  Column,
  DeleteDateColumn,
  Entity,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  ChildEntity,
  UpdateDateColumn,
  VersionColumn,
  type Relation,
} from 'typeorm';

type AnyFile = StoredFile | StagedFile | null;

@Entity()
export class Dossier {
  @PrimaryGeneratedColumn() id: number;
  @Column({ unique: true }) title: string;
  @Column({ default: '' }) customer: string;
  @VersionColumn() version: number;
  @UpdateDateColumn() updatedAt: Date;
  @DeleteDateColumn() deletedAt: Date | null;

  @PrivateFileColumn<Dossier>({
    uploadTo: 'dossiers',
    uploadSubfolder: ({ id, customer }) => [`${id}`, ...(customer ? [customer] : [])],
    contentTypes: ['application/pdf'],
  })
  file: AnyFile;

  @PrivateFileColumn({ uploadTo: 'annexes' }, { name: 'annex_file', select: false })
  annex?: AnyFile;
}

@Entity()
export class Letter {
  @PrimaryGeneratedColumn('uuid') id: string;
  @PrivateFileColumn<Letter>({ uploadSubfolder: ({ id }) => [id] }, { nullable: false })
  file: AnyFile;
}

@Entity()
export class Photo {
  @PrimaryColumn() id: string;
  @Column() width: number;
  @Column({ type: 'integer', nullable: true }) height: number | null;
  @PrivateImageColumn<Photo>({ widthField: 'width', heightField: 'height' }) image: AnyFile;
}

@Entity()
export class Folder {
  @PrimaryGeneratedColumn() id: number;
  @OneToMany(() => Page, (page) => page.folder, { cascade: true }) pages: Relation<Page>[];
}

@Entity()
export class Page {
  @PrimaryGeneratedColumn() id: number;
  @ManyToOne(() => Folder, (folder) => folder.pages, { orphanedRowAction: 'delete' })
  folder: Relation<Folder>;
  @PrivateFileColumn<Page>({ uploadSubfolder: ({ id }) => [`page-${id}`] }) file: AnyFile;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
export abstract class Paper {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFileColumn<Paper>({ uploadTo: 'papers' }) file: AnyFile;
}

@ChildEntity()
export class Contract extends Paper {
  @PrivateFileColumn<Contract>({ uploadTo: 'signatures' }) signature: AnyFile;
}

export const entities = [Dossier, Letter, Photo, Folder, Page, Paper, Contract];
