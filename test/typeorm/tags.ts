import type { StagedFile, StoredFile } from 'nestjs-private-storage';
import { PrivateFileColumn } from 'nestjs-private-storage/typeorm';
import {
  Column,
  Entity,
  ManyToOne,
  PrimaryGeneratedColumn,
  type EntityManager,
  type Relation,
} from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import type { Database } from './databases.js';
import { entities } from './entities.js';

/** Nothing of it but the file changes: an update of the file alone leaves the row as it was. */
@Entity()
export class Tag {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFileColumn() icon: StoredFile | StagedFile | null;
}

@Entity()
export class Article {
  @PrimaryGeneratedColumn() id: number;
  @Column({ unique: true }) title: string;
  @ManyToOne(() => Tag, { cascade: true }) tag: Relation<Tag> | null;
}

interface TagArchive extends Archive {
  readonly manager: EntityManager;
  tag(fileName?: string): Promise<Tag>;
  /** The keys that rows of tags name. */
  icons(): Promise<string[]>;
}

export async function openTags(database: Database, more: object = {}): Promise<TagArchive> {
  const archive = await openArchive({
    database,
    more: { entities: [...entities, Tag, Article], ...more },
  });
  const { manager } = archive.dataSource;
  return {
    ...archive,
    manager,
    tag: async (fileName) => {
      const icon = fileName === undefined ? null : await archive.staged(fileName);
      return manager.save(manager.create(Tag, { icon }));
    },
    icons: async () => {
      const tags = await manager.createQueryBuilder(Tag, 'tag').cache(false).getMany();
      return tags.flatMap(({ icon }) => (icon ? [(icon as StoredFile).key] : [])).sort();
    },
  };
}

/** Lets nobody on before so many have come. */
export function meetingOf(count: number): () => Promise<void> {
  let open: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let here = 0;
  return () => {
    if (++here === count) open();
    return opened;
  };
}
