import type { EntityManager, EntitySubscriberInterface } from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES, NOT_UNIQUE } from './databases.js';
import { Dossier } from './entities.js';

describe.each(DATABASES)('a transaction on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    archive = await openArchive({ database });
  });
  afterEach(() => archive.close());

  const rolledBack = async (
    work: (manager: EntityManager) => Promise<unknown>,
    manager: EntityManager = archive.dataSource.manager,
  ) => {
    const stop = new Error('stop');
    const run = async (inner: EntityManager) => {
      await work(inner);
      throw stop;
    };
    await expect(manager.transaction(run)).rejects.toBe(stop);
  };

  it('takes all its files back when it is rolled back', async () => {
    const old = await archive.dossier('old', 'old.pdf');
    const [first, second] = [await archive.staged('a.pdf'), await archive.staged('b.pdf')];
    const dossier = archive.dataSource.manager.create(Dossier, { title: 'new', file: first });
    await rolledBack(async (manager) => {
      await manager.save(dossier);
      await manager.save(Object.assign(old, { file: second }));
      expect(await archive.keys()).toHaveLength(3);
    });
    expect([dossier.file, old.file]).toEqual([first, second]);
    expect(await archive.keys()).toEqual([`dossiers/${old.id}/old.pdf`]);
    await archive.dataSource.manager.save([dossier, old]);
    expect(await archive.keys()).toEqual(
      [`dossiers/${old.id}/b.pdf`, `dossiers/${dossier.id}/a.pdf`].sort(),
    );
    expect(await archive.stagedCount()).toBe(0);
  });

  it('deletes old files only when it is committed', async () => {
    const [one, two, three] = [
      await archive.dossier('1', 'a.pdf'),
      await archive.dossier('2', 'b.pdf'),
      await archive.dossier('3', 'c.pdf'),
    ];
    await archive.dataSource.transaction(async (manager) => {
      await manager.save(Object.assign(one, { file: await archive.staged('x.pdf') }));
      await manager.save(Object.assign(two, { file: null }));
      await manager.remove(three);
      expect(await archive.keys()).toHaveLength(4);
    });
    expect(await archive.keys()).toEqual([`dossiers/${one.id}/x.pdf`]);
  });

  it('keeps old files when it is rolled back', async () => {
    const [one, two] = [await archive.dossier('1', 'a.pdf'), await archive.dossier('2', 'b.pdf')];
    await rolledBack(async (manager) => {
      await manager.save(Object.assign(one, { file: null }));
      await manager.remove(two);
    });
    expect(await archive.keys()).toHaveLength(2);
  });

  it('undoes with a savepoint what was done in it, and no more', async () => {
    const old = await archive.dossier('old', 'old.pdf');
    const [outer, inner] = [await archive.staged('outer.pdf'), await archive.staged('inner.pdf')];
    const dossier = archive.dataSource.manager.create(Dossier, { title: 'inner', file: inner });
    await archive.dataSource.transaction(async (manager) => {
      await manager.save(Dossier, { title: 'outer', file: outer });
      await rolledBack(async (nested) => {
        await nested.save(dossier);
        await nested.remove(old);
      }, manager);
      expect(dossier.file).toBe(inner);
    });
    const titles = await archive.dataSource.manager.find(Dossier, { order: { title: 'ASC' } });
    expect(titles.map(({ title }) => title)).toEqual(['old', 'outer']);
    expect(await archive.keys()).toEqual(
      titles.map(({ file }) => (file as { key: string }).key).sort(),
    );
    expect(await archive.stagedCount()).toBe(1);
  });

  it('is final for a savepoint when the outermost one ends', async () => {
    const old = await archive.dossier('old', 'old.pdf');
    const file = await archive.staged('a.pdf');
    await rolledBack((manager) =>
      manager.transaction(async (nested) => {
        await nested.save(Object.assign(old, { file }));
      }),
    );
    expect(old.file).toBe(file);
    expect(await archive.keys()).toEqual([`dossiers/${old.id}/old.pdf`]);
  });

  it('keeps a file that a row names again', async () => {
    const dossier = await archive.dossier('one', 'a.pdf');
    const { file } = dossier;
    await archive.dataSource.transaction(async (manager) => {
      await manager.save(Object.assign(dossier, { file: await archive.staged('b.pdf') }));
      await manager.save(Object.assign(dossier, { file }));
    });
    expect(await archive.keys()).toEqual([`dossiers/${dossier.id}/a.pdf`]);
  });

  it('leaves as many files as rows when a failed save is passed over', async () => {
    await archive.dossier('taken');
    const file = await archive.staged('a.pdf');
    const dossier = archive.dataSource.manager.create(Dossier, { title: 'new', file });
    await archive.dataSource.transaction(async (manager) => {
      await manager.save(dossier);
      await expect(manager.save(Dossier, { title: 'taken' })).rejects.toThrow(NOT_UNIQUE[database]);
    });
    const named = await archive.named();
    expect(await archive.keys()).toEqual(named);
    expect(dossier.file === file).toBe(named.length === 0);
    expect(await archive.stagedCount()).toBe(1 - named.length);
  });

  it('replaces a file twice', async () => {
    const dossier = await archive.dossier('one', 'a.pdf');
    await archive.dataSource.transaction(async (manager) => {
      await manager.save(Object.assign(dossier, { file: await archive.staged('b.pdf') }));
      await manager.save(Object.assign(dossier, { file: await archive.staged('c.pdf') }));
    });
    expect(await archive.keys()).toEqual([`dossiers/${dossier.id}/c.pdf`]);
    expect(dossier.version).toBe(3);
  });

  const failing: [string, EntitySubscriberInterface][] = [
    ['throws after an insert', { afterInsert: () => fail() }],
    ['throws later after an insert', { afterInsert: async () => fail() }],
    [
      'throws much later after an insert',
      {
        afterInsert: () =>
          new Promise((_, reject) => setTimeout(() => reject(new Error('no')), 20)),
      },
    ],
    ['throws before the commit', { beforeTransactionCommit: () => fail() }],
  ];
  it.each(failing)('takes the file back when another subscriber %s', async (_, subscriber) => {
    archive.dataSource.subscribers.push(subscriber);
    const file = await archive.staged('a.pdf');
    const dossier = archive.dataSource.manager.create(Dossier, { title: 'one', file });
    await expect(archive.dataSource.manager.save(dossier)).rejects.toThrow('no');
    expect(dossier.file).toBe(file);
    expect(await archive.keys()).toEqual([]);
    expect(await archive.dataSource.manager.count(Dossier)).toBe(0);
    archive.dataSource.subscribers.pop();
    await archive.dataSource.manager.save(dossier);
    expect(await archive.keys()).toHaveLength(1);
  });

  it.each<[string, EntitySubscriberInterface]>([
    ['at once', { afterUpdate: () => fail() }],
    ['later', { afterUpdate: async () => fail() }],
  ])(
    'keeps the old file in the row when another subscriber throws %s after an update',
    async (_, subscriber) => {
      const dossier = await archive.dossier('one', 'a.pdf');
      archive.dataSource.subscribers.unshift(subscriber);
      const update = archive.dataSource.manager.save(
        Object.assign(dossier, { file: await archive.staged('b.pdf') }),
      );
      await expect(update).rejects.toThrow('no');
      const found = await archive.dataSource.manager.findOneByOrFail(Dossier, { id: dossier.id });
      expect(await archive.keys()).toEqual([(found.file as { key: string }).key]);
      expect(found.version).toBe(1);
    },
  );
});

function fail(): never {
  throw new Error('no');
}
