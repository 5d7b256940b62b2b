import type { StagedFile, StoredFile } from 'nestjs-private-storage';
import { PrivateFileColumn } from 'nestjs-private-storage/typeorm';
import {
  BeforeUpdate,
  ChildEntity,
  Column,
  Entity,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
} from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES } from './databases.js';
import { Contract, entities, Paper, Photo } from './entities.js';

type AnyFile = StoredFile | StagedFile | null;

const asBigint = { to: (id: unknown) => id?.toString(), from: (id: string | number) => BigInt(id) };

@Entity()
class Ledger {
  @PrimaryColumn({ type: 'bigint', transformer: asBigint }) id: bigint;
  @PrivateFileColumn() file: AnyFile;
}

@Entity()
class Offer {
  @PrimaryGeneratedColumn() id: number;
  @Column() status: string;
  @PrivateFileColumn() file: AnyFile;

  @BeforeUpdate() clear(): void {
    if (this.status === 'withdrawn') this.file = null;
  }
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
class Animal {
  @PrimaryGeneratedColumn() id: number;
  @PrivateFileColumn<Animal>({ uploadTo: 'animals' }) file: AnyFile;
}

@ChildEntity()
class Dog extends Animal {
  @PrivateFileColumn<Dog>({ uploadTo: 'dogs', contentTypes: ['image/png'] })
  declare file: AnyFile;
}

@Entity()
class Secret {
  #folder = 'secrets';
  @PrimaryGeneratedColumn() id: number;
  @PrivateFileColumn<Secret>({ uploadSubfolder: (secret) => [secret.folder] }) file: AnyFile;

  get folder(): string {
    return this.#folder;
  }
}

describe.each(DATABASES)('the files of entities on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    const more = { entities: [...entities, Ledger, Offer, Animal, Dog, Secret] };
    archive = await openArchive({ database, more });
  });
  afterEach(() => archive.close());

  it('with a bigint as their id are deleted', async () => {
    const { manager } = archive.dataSource;
    const file = await archive.staged('a.pdf');
    const ledger = await manager.save(manager.create(Ledger, { id: 5n, file }));
    await manager.remove(ledger);
    expect(await manager.count(Ledger)).toBe(0);
    expect(await archive.keys()).toEqual([]);
  });

  it('are deleted when a listener clears the field', async () => {
    const { manager } = archive.dataSource;
    const file = await archive.staged('a.pdf');
    const offer = await manager.save(manager.create(Offer, { status: 'open', file }));
    await manager.save(Object.assign(offer, { status: 'withdrawn' }));
    expect(await manager.findOneByOrFail(Offer, { id: offer.id })).toMatchObject({ file: null });
    expect(await archive.keys()).toEqual([]);
  });

  it('that are removed as their parent class are deleted', async () => {
    const { manager } = archive.dataSource;
    const file = await archive.staged('a.pdf');
    const signature = await archive.staged('s.pdf');
    const { id } = await manager.save(manager.create(Contract, { file, signature }));
    await manager.getRepository<{ id: number }>(Paper).remove({ id });
    expect(await manager.count(Paper)).toBe(0);
    expect(await archive.keys()).toEqual([]);
  });

  it('of a class and of a subclass in one table are kept by the rules of each', async () => {
    const { manager } = archive.dataSource;
    await manager.save(manager.create(Animal, { file: await archive.staged('a.pdf') }));
    const picture = await archive.staged('b.png', { contentType: 'image/png' });
    await manager.save(manager.create(Dog, { file: picture }));
    expect(await archive.keys()).toEqual(['animals/a.pdf', 'dogs/b.png']);
  });

  it('whose class has private members are replaced', async () => {
    const { manager } = archive.dataSource;
    const { id } = await manager.save(
      Object.assign(new Secret(), { file: await archive.staged('a.pdf') }),
    );
    await manager.save(Secret, { id, file: await archive.staged('b.pdf') });
    expect(await archive.keys()).toEqual(['secrets/b.pdf']);
  });

  it('bring their width and height along', async () => {
    const { manager } = archive.dataSource;
    const staged = (name: string, width: number, height: number) =>
      archive.staged(name, { contentType: 'image/png', width, height });
    const small = await manager.save(
      manager.create(Photo, { id: 'small', image: await staged('a.png', 1, 2) }),
    );
    await manager.save(manager.create(Photo, { id: 'big', image: await staged('b.png', 10, 20) }));
    const big = await manager.findOneByOrFail(Photo, { id: 'big' });
    await manager.save(Object.assign(big, { image: small.image }));
    await manager.save(Photo, { id: 'new', image: small.image });
    const sizes = (await manager.find(Photo)).map(({ width, height }) => [width, height]);
    expect(sizes).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });
});
