import type { Site } from './site.js';
import { urlOf } from './site.js';

/** Names of files that one server or another has read as something else than a name. */
const NAMES = [
  'plain.txt',
  ' two  blanks .txt',
  '100%.txt',
  '%41.txt',
  'a%2Fb.txt',
  '%00.txt',
  'what?.txt',
  'a#b.txt',
  'a+b.txt',
  'a&b;c=d.txt',
  `it's "quoted".txt`,
  'C:\\temp\\back.txt',
  'C:x:y.txt',
  'Übergröße.txt',
  'u\u0308ber decomposed.txt',
  '文書 📄 👩‍👩‍👧.txt',
  `${'ä'.repeat(98)}.txt`,
  `${'n'.repeat(196)}.txt`,
  '$uri $1 ${host}.txt',
  '%{HTTP_HOST}e %U.txt',
  '{http.request.uri} {env.HOME}.txt',
  '<b>[x]|^`~!@,().txt',
];

/** Names that servers give a type, an encoding or a meaning of their own. */
const TRAPS = [
  'index.html',
  'index.php',
  'page.shtml',
  'drawing.svg',
  'archive.tar.gz',
  'data.json',
  'noextension',
];

const OF_THE_FILE = [
  'content-type',
  'content-disposition',
  'content-security-policy',
  'x-content-type-options',
  'cache-control',
  'content-length',
  'accept-ranges',
  'last-modified',
];

/** Whatever a file is called, it arrives as it does without a web server. */
export function namesSurvive(site: () => Site): void {
  const expectSame = async (path: string, bytes: Buffer): Promise<void> => {
    const { served } = site();
    const [through, streamed] = await Promise.all([
      site().ask(path, { as: site().root }),
      site().askStreamed(path, { as: site().root }),
    ]);
    expect([through.status, through.body.equals(bytes)]).toEqual([200, true]);
    expect(ofTheFile(through.headers)).toEqual(ofTheFile(streamed.headers));
    expect(through.headers).toMatchObject({
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringContaining('private') as string,
      etag: expect.stringMatching(/^"[^"]+"$/) as string,
    });
    expect(JSON.stringify(through.headers)).not.toMatch(/x-accel|x-sendfile/);
    expect(JSON.stringify(through.headers)).not.toContain(served.folder);
  };

  it.each([...NAMES.filter((name) => !name.includes('\\')), ...TRAPS])(
    'sends %j by its key',
    async (name) => {
      const bytes = Buffer.from(`The bytes of ${name}`);
      const key = `names/${name}/${name}`;
      await site().put(key, bytes);
      await expectSame(urlOf(key), bytes);
    },
  );

  it.each(NAMES)('takes an upload called %j and sends it back', async (name) => {
    const text = `Uploaded as ${name}`;
    const created = await site().alice.upload('/dossiers', new Blob([text]), name, {
      customer: Array.from(name).slice(0, 80).join(''),
    });
    const { file } = (await created.json()) as { file: { url: string } };
    expect(created.status).toBe(201);
    await expectSame(file.url, Buffer.from(text));
  });
}

function ofTheFile(headers: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return Object.fromEntries(OF_THE_FILE.map((name) => [name, headers[name]]));
}
