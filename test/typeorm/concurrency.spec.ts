import type { EntityManager } from 'typeorm';
import { openArchive, type Archive } from './archive.js';
import { DATABASES, POOLED } from './databases.js';
import { Dossier } from './entities.js';
import { Article, meetingOf, openTags, Tag } from './tags.js';

describe.each(DATABASES)('saves at once on %s', (database) => {
  let archive: Archive;
  beforeEach(async () => {
    archive = await openArchive({ database });
  });
  afterEach(() => archive.close());

  const turns = (count: number) =>
    Array.from({ length: count }).reduce<Promise<void>>(
      (before) => before.then(),
      Promise.resolve(),
    );

  it.each([
    ['the first ones', [0, 1, 2, 3, 4], 0],
    ['the last ones', [45, 46, 47, 48, 49], 0],
    ['every tenth', [0, 10, 20, 30, 40], 0],
    ['every tenth, each a turn later', [5, 15, 25, 35, 45], 1],
  ])('give as many files as rows when 5 of 50 fail: %s', async (_, failing, delay) => {
    await archive.dossier('taken');
    const files = await Promise.all(
      Array.from({ length: 50 }, (__, at) => archive.staged(`${at}.pdf`)),
    );
    const results = await Promise.allSettled(
      files.map(async (file, at) => {
        await turns(at * delay);
        return archive.dataSource.manager.save(Dossier, {
          title: failing.includes(at) ? 'taken' : `title ${at}`,
          file,
        });
      }),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(45);
    const found = await archive.dataSource.manager.find(Dossier);
    const named = found.flatMap(({ file }) => (file ? [(file as { key: string }).key] : []));
    expect(named).toHaveLength(45);
    expect(await archive.keys()).toEqual(named.sort());
    expect(await archive.stagedCount()).toBe(5);
    await Promise.all(files.map((file) => file.discard()));
    expect(await archive.stagedCount()).toBe(0);
    expect(found.every(({ version }) => version === 1)).toBe(true);
  });

  it('leave one file when they replace the same one', async () => {
    const { id } = await archive.dossier('one', 'a.pdf');
    const files = await Promise.all(
      Array.from({ length: 20 }, (_, at) => archive.staged(`${at}.pdf`)),
    );
    await Promise.all(files.map((file) => archive.dataSource.manager.save(Dossier, { id, file })));
    const found = await archive.dataSource.manager.findOneByOrFail(Dossier, { id });
    expect(await archive.keys()).toEqual([(found.file as { key: string }).key]);
    expect(await archive.stagedCount()).toBe(0);
  });

  it('keep the old files when half of 20 replacements fail', async () => {
    await archive.dossier('taken');
    const dossiers = [];
    for (let at = 0; at < 20; at++)
      dossiers.push(await archive.dossier(`title ${at}`, `${at}.pdf`));
    const changes = await Promise.all(
      dossiers.map(async ({ id }, at) => ({
        id,
        title: at % 2 ? `other ${at}` : 'taken',
        file: await archive.staged(`new-${at}.pdf`),
      })),
    );
    await Promise.allSettled(
      changes.map((change) => archive.dataSource.manager.save(Dossier, change)),
    );
    const found = await archive.dataSource.manager.find(Dossier);
    const named = found.flatMap(({ file }) => (file ? [(file as { key: string }).key] : []));
    expect(named.filter((key) => key.includes('new-'))).toHaveLength(10);
    expect(await archive.keys()).toEqual(named.sort());
  });

  it.each<[string, (dossier: Dossier) => Promise<unknown>]>([
    ['remove()', (dossier) => archive.dataSource.manager.remove(dossier)],
    [
      'save() of null',
      (dossier) => archive.dataSource.manager.save(Object.assign(dossier, { file: null })),
    ],
  ])('leave as many files as rows name when one fails during %s', async (_, write) => {
    await archive.dossier('taken');
    for (let at = 0; at < 30; at++) {
      const dossier = await archive.dossier(`title ${at}`, 'a.pdf');
      await Promise.allSettled([
        write(dossier),
        turns(at).then(() => archive.dataSource.manager.save(Dossier, { title: 'taken' })),
      ]);
      expect([at, await archive.keys()]).toEqual([at, await archive.named()]);
    }
  });
});

for (const database of POOLED)
  describe(`transactions at once on ${database}`, () => {
    let archive: Awaited<ReturnType<typeof openTags>>;
    beforeEach(async () => {
      archive = await openTags(database);
    });
    afterEach(() => archive.close());

    const together = (work: ((manager: EntityManager) => Promise<unknown>)[]) =>
      Promise.allSettled(work.map((one) => archive.manager.transaction(one)));

    it('leave one file when each has read the row before it replaces the file', async () => {
      const { id } = await archive.tag('old.pdf');
      const files = [await archive.staged('a.pdf'), await archive.staged('b.pdf')];
      const haveRead = meetingOf(files.length);
      await together(
        files.map((icon) => async (manager) => {
          const tag = await manager.findOneByOrFail(Tag, { id });
          await haveRead();
          await manager.save(Object.assign(tag, { icon }));
        }),
      );
      expect(await archive.keys()).toEqual(await archive.icons());
    });

    it('keep apart what they do with an entity that they share, when one fails', async () => {
      await archive.manager.save(Article, { title: 'taken' });
      for (let at = 0; at < 10; at++) {
        const tag = await archive.tag(`old${at}.pdf`);
        tag.icon = await archive.staged(`new${at}.pdf`);
        const saves = [`title ${at}`, 'taken'].map((title) =>
          archive.manager.save(Object.assign(new Article(), { title, tag })),
        );
        const results = await Promise.allSettled(saves);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
        expect(await archive.icons()).toContain(`new${at}.pdf`);
        expect(await archive.keys()).toEqual(await archive.icons());
      }
    });

    it('leave alone a file whose key was free again after a savepoint', async () => {
      await archive.manager.transaction(async (outer) => {
        const nested = outer.transaction(async (inner) => {
          const tag = await inner.save(Tag, { icon: await archive.staged('a.pdf') });
          await inner.save(Tag, { id: tag.id, icon: null });
          throw new Error('stop');
        });
        await expect(nested).rejects.toThrow('stop');
        await archive.tag('a.pdf'); // another request
      });
      expect(await archive.keys()).toEqual(['a.pdf']);
    });

    if (database === 'PostgreSQL')
      it('do not wait for each other where rows refer to the one whose file goes', async () => {
        const { id } = await archive.tag('a.pdf');
        const haveInserted = meetingOf(2);
        const results = await together(
          ['one', 'two'].map((title) => async (manager) => {
            await manager.insert(Article, { title, tag: { id } });
            await haveInserted();
            await manager.save(Tag, { id, icon: null });
          }),
        );
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
        expect(await archive.keys()).toEqual([]);
      });

    it.each(['in a savepoint', 'passed over'])(
      'give all files back to the one that loses a deadlock: %s',
      async (way) => {
        const ids = [
          (await archive.dossier('one', 'a.pdf')).id,
          (await archive.dossier('two', 'b.pdf')).id,
        ];
        const haveLocked = meetingOf(2);
        const saves = [ids, ids.toReversed()].map(async (order) => {
          const [first, second] = await Promise.all(
            order.map(async (id) => ({ id, file: await archive.staged(`${order.join()}.pdf`) })),
          );
          return async (manager: EntityManager) => {
            await manager.save(Dossier, first ?? {});
            await haveLocked();
            const save = (inner: EntityManager) => inner.save(Dossier, second ?? {});
            if (way === 'in a savepoint') await manager.transaction(save);
            else await save(manager).catch(() => undefined);
          };
        });
        await together(await Promise.all(saves));
        expect(await archive.keys()).toEqual(await archive.named());
      },
    );
  });
