import { symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Answer, Question, Site } from './site.js';
import { urlOf } from './site.js';

const SECRET = 'What only a guard lets out.';
const KEY = 'board/secret.txt';

/** Ways to a file past the app: each has to end before it. */
const WAYS_ROUND = [
  '/private-x-accel-redirect/default/board/secret.txt',
  '/private-x-accel-redirect/default//board/secret.txt',
  '//private-x-accel-redirect/default/board/secret.txt',
  '/./private-x-accel-redirect/default/board/secret.txt',
  '/x/../private-x-accel-redirect/default/board/secret.txt',
  '/private-media/../private-x-accel-redirect/default/board/secret.txt',
  '/private-media/%2e%2e/private-x-accel-redirect/default/board/secret.txt',
  '/private-media/..%2fprivate-x-accel-redirect/default/board/secret.txt',
  '/%70rivate-x-accel-redirect/default/board/secret.txt',
  '/private-x-accel-redirect%2fdefault%2fboard%2fsecret.txt',
  '/PRIVATE-X-ACCEL-REDIRECT/default/board/secret.txt',
  '/private-x-accel-redirect/invoices/../default/board/secret.txt',
  '/private-x-accel-redirect/default../private-media/board/secret.txt',
  '/private-x-accel-redirect/default/.staging/rest.txt',
  '/private-media/.staging/rest.txt',
  '/private-media/%2estaging/rest.txt',
  '/private-media/board/../.staging/rest.txt',
  '/private-media/board/%2e%2e/.staging/rest.txt',
  '/private-invoices/..%2fprivate-media/board/secret.txt',
  '/private-invoices/%2e%2e/private-media/board%2fsecret.txt%00',
  '/board/secret.txt',
  '/secret.txt',
  '/server.conf',
];

/** Nobody gets a file, or learns where it lies, past the guards. */
export function secretsStay(site: () => Site): void {
  /** Asks, and holds the answer against what no answer may say. */
  const ask = async (path: string, question: Question = {}): Promise<Answer> => {
    const answer = await site().ask(path, question);
    expect(Object.keys(answer.headers).join()).not.toMatch(/x-accel|sendfile/);
    const said = JSON.stringify(answer.headers) + String(answer.body);
    expect(said).not.toContain(site().served.folder);
    if (!path.includes('x-accel-redirect')) expect(said).not.toContain('x-accel-redirect');
    return answer;
  };

  beforeAll(async () => {
    await site().put(KEY, SECRET);
    await site().put('.staging/rest.txt', SECRET);
  });

  it('refuses who may not, and says of a missing file nothing but that', async () => {
    const created = await site().alice.upload('/dossiers', new Blob([SECRET]), 'secret.txt');
    const { file } = (await created.json()) as { file: { url: string } };
    const { alice, bob, root } = site();
    const statuses = async (path: string): Promise<number[]> =>
      Promise.all(
        [undefined, alice, bob, root].flatMap((as) =>
          ['GET', 'HEAD'].map(async (method) => (await ask(path, { method, as })).status),
        ),
      );
    const staff = [401, 401, 403, 403, 403, 403];
    expect(await statuses(file.url)).toEqual([401, 401, 200, 200, 403, 403, 200, 200]);
    expect(await statuses(urlOf(KEY))).toEqual([...staff, 200, 200]);
    expect(await statuses(urlOf('board/missing.txt'))).toEqual([...staff, 404, 404]);
    expect(await statuses(urlOf('board'))).toEqual([...staff, 404, 404]);
    expect((await statuses('/dossiers/999999/file')).slice(2)).toEqual(Array(6).fill(404));
  });

  it('refuses in the midst of a conversation too', async () => {
    const headers = { Range: 'bytes=0-3', 'If-None-Match': '"x"', 'If-Modified-Since': 'x' };
    expect((await ask(urlOf(KEY), { headers })).status).toBe(401);
    expect((await ask(urlOf(KEY), { headers, as: site().bob })).status).toBe(403);
    const missing = await ask(urlOf('board/missing.txt'), { headers, as: site().root });
    expect(missing.status).toBe(404);
  });

  it.each(WAYS_ROUND)('shows nothing at %s', async (path) => {
    for (const as of [undefined, site().bob]) {
      const { status, body } = await ask(path, { as });
      expect(String(body)).not.toContain(SECRET);
      expect([400, 401, 403, 404]).toContain(status);
    }
  });

  it.each(WAYS_ROUND.filter((path) => !path.includes('private-media')))(
    'has no file at %s even for superusers',
    async (path) => {
      const { status, body } = await ask(path, { as: site().root });
      expect(String(body)).not.toContain(SECRET);
      expect([400, 404]).toContain(status);
    },
  );

  it('follows no link out of a storage', async () => {
    const inside = await site().put('board/inside.txt', SECRET, 'private-invoices');
    const folder = dirname(await site().put('board/plain.txt', 'plain'));
    await symlink(inside, join(folder, 'link.txt'));
    await symlink(dirname(inside), join(folder, 'linked'));
    for (const key of ['board/link.txt', 'board/linked/inside.txt']) {
      const { status, body } = await ask(urlOf(key), { as: site().root });
      expect([status, String(body).includes(SECRET)]).toEqual([404, false]);
    }
  });

  it('takes no internal header from a client', async () => {
    const path = await site().put('board/other.txt', SECRET);
    const headers = {
      'X-Sendfile': path,
      'X-Accel-Redirect': '/private-x-accel-redirect/default/board/other.txt',
    };
    expect((await ask('/', { headers })).status).toBe(200);
    expect(String((await ask('/', { headers })).body)).not.toContain(SECRET);
  });

  it('serves the file of each storage at its own URL', async () => {
    await site().put('same/key.txt', 'from the media');
    await site().put('same/key.txt', 'from the invoices', 'private-invoices');
    await site().put('same/only-media.txt', 'from the media');
    const text = async (key: string, baseUrl: string): Promise<unknown[]> => {
      const { status, body } = await ask(urlOf(key, baseUrl), { as: site().root });
      return [status, status === 200 ? String(body) : ''];
    };
    expect(await text('same/key.txt', '/private-media')).toEqual([200, 'from the media']);
    expect(await text('same/key.txt', '/private-invoices')).toEqual([200, 'from the invoices']);
    expect(await text('same/only-media.txt', '/private-invoices')).toEqual([404, '']);
  });
}
