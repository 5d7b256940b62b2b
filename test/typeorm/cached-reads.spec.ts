import { DATABASES } from './databases.js';
import { openTags, Tag } from './tags.js';

describe.each(DATABASES)('with a cache of all queries on %s', (database) => {
  it('files are replaced and moved by what the rows hold', async () => {
    const archive = await openTags(database, { cache: { alwaysEnabled: true, duration: 2_000 } });
    const one = await archive.tag('a.pdf');
    await archive.manager.save(Object.assign(one, { icon: await archive.staged('b.pdf') }));
    expect(await archive.keys()).toEqual(['b.pdf']);
    const two = await archive.tag();
    await archive.manager.save(Tag, { id: two.id, icon: await archive.staged('c.pdf') });
    await archive.manager.transaction(async (manager) => {
      await manager.save(Tag, { id: one.id, icon: null });
      await manager.save(Tag, { id: two.id, icon: one.icon });
    });
    expect(await archive.icons()).toEqual(['b.pdf']);
    expect(await archive.keys()).toEqual(['b.pdf']);
    await archive.close();
  });
});
