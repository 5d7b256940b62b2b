import fc from 'fast-check';
import {
  LocalStorage,
  PrivateFileGuard,
  PrivateStorageModule,
  type RequestedFile,
} from 'nestjs-private-storage';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ADAPTERS, startApp, type RunningApp } from './app.js';
import { rawRequest, type RawAnswer } from './raw-http.js';
import { as, LoginGuard } from './users.js';

const SECRET = 'the board will sell';

/** The rule that no spelling may get round. */
class KeepBoardClosed extends PrivateFileGuard {
  canAccess(file: RequestedFile): boolean {
    return !file.key.startsWith('board/');
  }
}

describe.each(ADAPTERS)('hostile paths on %s', (adapter) => {
  let running: RunningApp;
  let folder: string;
  let root: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-'));
    root = join(folder, 'root');
    await mkdir(join(root, 'board'), { recursive: true });
    await mkdir(join(root, 'open'));
    await writeFile(join(root, 'board', 'secret.txt'), SECRET);
    await writeFile(join(root, 'open', 'a.txt'), 'open');
    await writeFile(join(root, '.hidden'), SECRET);
    await writeFile(join(folder, 'outside.txt'), SECRET);
    await symlink(join(root, 'board'), join(root, 'linked'));
    await symlink(join(folder, 'outside.txt'), join(root, 'link.txt'));
    await symlink(join(root, 'board', 'secret.txt'), join(root, 'open', 'link.txt'));
    execFileSync('mkfifo', [join(root, 'fifo')]);
    running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({
          storage: new LocalStorage({ root }),
          baseUrl: '/private-media',
          guards: [LoginGuard, KeepBoardClosed],
        }),
      ],
    });
  });

  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true });
  });

  const get = (target: string): Promise<RawAnswer> =>
    rawRequest(running.url, 'GET', target, as('staff').headers);

  it.each([
    ['/private-media/open/a.txt', [200]],
    ['/private-media/open/a.txt?x=../board/secret.txt', [200]],
    ['/private-media/open%2fa.txt', [200]],
    ['/private-media/%6fpen/a.txt', [200]],
    ['/private-media/board/secret.txt', [403]],
    ['/private-media/board%2fsecret.txt', [403]],
    ['/private-media/%62oard/secret.txt', [403]],
    ['/PRIVATE-media/board/secret.txt', [403, 404]],
    ['/private%2dmedia/board/secret.txt', [403, 404]],
    ['/private-media/board/secret.txt/', [400, 403]],
    ['/private-media/./board/secret.txt', [400]],
    ['/private-media/open/../board/secret.txt', [400]],
    ['/private-media/open/%2e%2e/board/secret.txt', [400]],
    ['/private-media/open/.%2e/board/secret.txt', [400]],
    ['/private-media/open%2f..%2fboard%2fsecret.txt', [400]],
    ['/private-media/open/%252e%252e/board/secret.txt', [404]],
    ['/private-media/%252e%252e%252foutside.txt', [404]],
    ['/private-media/../outside.txt', [400, 404]],
    ['/private-media/..%2foutside.txt', [400]],
    ['/private-media/../../../../../../etc/passwd', [400, 404]],
    ['/private-media/%c0%ae%c0%ae/outside.txt', [400]],
    ['/private-media/%e0%80%ae%e0%80%ae/outside.txt', [400]],
    ['/private-media/%uff0e%uff0e/outside.txt', [400]],
    ['/private-media/%EF%BC%8E%EF%BC%8E/outside.txt', [404]],
    ['/private-media/..\\outside.txt', [400, 404]],
    ['/private-media/..%5coutside.txt', [400]],
    ['/private-media/board%5csecret.txt', [400]],
    ['/private-media/board/secret.txt%00', [400]],
    ['/private-media/board/secret.txt%00.png', [400]],
    ['/private-media/%00', [400]],
    ['/private-media/%0d%0aX-Evil:1', [400]],
    ['/private-media/%', [400]],
    ['/private-media/%zz', [400]],
    ['/private-media/C:/windows/win.ini', [404]],
    ['/private-media/C:%5cwindows', [400]],
    ['/private-media//board/secret.txt', [400]],
    ['/private-media//etc/passwd', [400]],
    ['/private-media/%2fetc%2fpasswd', [400]],
    ['/private-media/board//secret.txt', [400]],
    ['//private-media/board/secret.txt', [400, 403, 404]],
    ['/private-media/.hidden', [400]],
    ['/private-media/.staging/x', [400]],
    ['/private-media/open/.hidden', [400]],
    ['/private-media/', [400, 404]],
    ['/private-media', [404]],
    ['/private-media/open', [404]],
    ['/private-media/open/', [400, 404]],
    ['/private-media/open/a.txt/b', [404]],
    ['/private-media/linked/secret.txt', [404]],
    ['/private-media/link.txt', [404]],
    ['/private-media/open/link.txt', [404]],
    ['/private-media/fifo', [404]],
    [`/private-media/${'a'.repeat(255)}`, [404]],
    [`/private-media/${'a'.repeat(256)}`, [400]],
    [`/private-media/${'a'.repeat(5000)}`, [400]],
    [`/private-media/${'a/'.repeat(2500)}a`, [400]],
    [`/private-media/${'%f0%9f%98%80'.repeat(400)}`, [400]],
    ['/private-media/\u00ff', [400, 404]],
    ['http://files.test/private-media/board/secret.txt', [400, 403, 404]],
    ['http://files.test/private-media/open/../board/secret.txt', [400, 404]],
    ['/private-media/open/a.txt#/../../board/secret.txt', [200, 400, 404]],
    ['private-media/board/secret.txt', [400, 403, 404]],
    ['*', [400, 404]],
  ])('answers %s with one of %j', async (target, statuses) => {
    const { status, body } = await get(target);
    expect(statuses).toContain(status);
    expect(body.toString()).not.toContain(SECRET);
  });

  it('lets no spelling get round the rule on a folder', async () => {
    const encoded = (text: string): string =>
      text.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`);
    const token = fc.constantFrom(
      ...[
        'board',
        'BOARD',
        'boar%64',
        encoded('board'),
        'secret.txt',
        encoded('secret.txt'),
        'open',
        'linked',
      ],
      ...[
        '/',
        '//',
        '%2f',
        '%2F',
        '%252f',
        '\\',
        '%5c',
        '.',
        '..',
        '%2e',
        '%2e%2e',
        '.%2e',
        '%252e',
        '%c0%ae',
      ],
      ...[
        '%00',
        '%20',
        ' ',
        ';',
        ';x=1',
        '?',
        '#',
        '%',
        ':',
        '~',
        '%09',
        '%ef%bc%8f',
        '%e2%80%8b',
        basename(root),
      ],
    );
    const spelling = fc.oneof(
      fc.array(token, { maxLength: 10 }).map((tokens) => tokens.join('')),
      fc.array(token, { maxLength: 4 }).map((tokens) => `${tokens.join('')}board/secret.txt`),
      fc.array(token, { maxLength: 4 }).map((tokens) => `board/${tokens.join('')}secret.txt`),
    );
    await fc.assert(
      fc.asyncProperty(spelling, async (path) => {
        const { status, body } = await get(`/private-media/${path}`);
        expect(body.toString()).not.toContain(SECRET);
        expect([400, 403, 404]).toContain(status);
      }),
      { numRuns: 400 },
    );
  });
});
