import { randomBytes } from 'node:crypto';
import type { Client } from './sample-app.js';
import { SampleApp } from './sample-app.js';

const PDF = new Blob(['%PDF-1.7\n', randomBytes(300_000), '\n%%EOF\n']);

interface Dossier {
  readonly id: number;
  readonly file: {
    readonly url: string;
    readonly name: string;
    readonly size: number;
    readonly contentType: string;
  };
}

describe.each(['express', 'fastify'])('the sample app on %s', (adapter) => {
  let app: SampleApp;
  let alice: Client;
  let bob: Client;
  let staff: Client;
  let root: Client;

  beforeAll(async () => {
    app = await SampleApp.start({ HTTP_ADAPTER: adapter, MAX_FILE_SIZE: '1000000' });
    [alice, bob, staff, root] = await Promise.all([
      app.login('alice'),
      app.login('bob'),
      app.login('staff'),
      app.login('root'),
    ]);
  });

  afterAll(() => app.remove());

  const create = async (file = PDF, name = 'contract.pdf'): Promise<Dossier> => {
    const response = await alice.upload('/dossiers', file, name, {
      title: 'Contract',
      customer: 'ACME',
    });
    expect(response.status).toBe(201);
    return (await response.json()) as Dossier;
  };

  it('gives a PDF back byte for byte, to its owner and staff', async () => {
    const dossier = await create();
    expect(dossier).toEqual({
      id: dossier.id,
      title: 'Contract',
      customer: 'ACME',
      file: {
        url: `/dossiers/${dossier.id}/file`,
        name: 'contract.pdf',
        size: PDF.size,
        contentType: 'application/pdf',
      },
    });
    for (const client of [alice, staff, root]) {
      const response = await client.fetch(dossier.file.url);
      expect(response.status).toBe(200);
      expect(
        Buffer.from(await response.arrayBuffer()).equals(Buffer.from(await PDF.arrayBuffer())),
      ).toBe(true);
    }
    expect((await bob.fetch(dossier.file.url)).status).toBe(403);
    expect((await bob.fetch(`/dossiers/${dossier.id}`)).status).toBe(403);
    expect((await fetch(app.url + dossier.file.url)).status).toBe(401);
  });

  it.each([
    ['GET', '/dossiers'],
    ['POST', '/dossiers'],
    ['GET', '/dossiers/1'],
    ['PUT', '/dossiers/1/file'],
    ['DELETE', '/dossiers/1'],
    ['GET', '/dossiers/1/file'],
    ['POST', '/photos'],
    ['GET', '/photos/1/file'],
    ['GET', '/private-media/board/minutes.txt'],
    ['GET', '/private-invoices/1.pdf'],
  ])('answers %s %s without a login with 401', async (method, path) => {
    expect((await fetch(app.url + path, { method })).status).toBe(401);
  });

  it('lists own dossiers, and all of them to staff', async () => {
    const { id } = await create();
    const ids = async (client: Client): Promise<number[]> =>
      ((await (await client.fetch('/dossiers')).json()) as Dossier[]).map((dossier) => dossier.id);
    expect(await ids(alice)).toContain(id);
    expect(await ids(staff)).toContain(id);
    expect(await ids(bob)).not.toContain(id);
  });

  it.each([
    [
      'HTML that calls itself a PDF',
      new Blob(['<!DOCTYPE html><script>alert(1)</script>']),
      'contract.pdf',
      415,
      'FILE_TYPE_NOT_SUPPORTED',
    ],
    [
      'a file over the limit',
      new Blob(['%PDF-1.7\n', Buffer.alloc(1_000_000)]),
      'contract.pdf',
      413,
      'FILE_TOO_LARGE',
    ],
  ])('refuses %s and keeps nothing of it', async (_what, file, name, status, code) => {
    const before = await app.files();
    const response = await alice.upload('/dossiers', file, name);
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ statusCode: status, code, field: 'file' }),
    ]);
    expect(await app.files()).toEqual(before);
  });

  it('leaves no file behind when it replaces and deletes', async () => {
    const before = await app.files();
    const { id, file } = await create();
    const note = new Blob(['a note']);
    const replaced = await alice.upload(`/dossiers/${id}/file`, note, 'note.txt', {}, 'PUT');
    expect(replaced.status).toBe(200);
    expect(await app.files()).toHaveLength(before.length + 1);
    expect(await (await alice.fetch(file.url)).text()).toBe('a note');
    expect((await bob.fetch(`/dossiers/${id}`, { method: 'DELETE' })).status).toBe(403);
    expect((await alice.fetch(`/dossiers/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await app.files()).toEqual(before);
    expect((await alice.fetch(file.url)).status).toBe(404);
  });

  it('takes 50 uploads of one name at once and keeps 50 files', async () => {
    const before = await app.files();
    const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`);
    const dossiers = await Promise.all(texts.map((text) => create(new Blob([text]), 'same.txt')));
    expect(await app.files()).toHaveLength(before.length + 50);
    const contents = await Promise.all(
      dossiers.map(async ({ file }) => (await alice.fetch(file.url)).text()),
    );
    expect(contents).toEqual(texts);
  });

  it('records the size of a photo, and takes nothing else for one', async () => {
    const gif = new Blob([
      Buffer.from('R0lGODlhAwACAIAAAP///wAAACwAAAAAAwACAAACAoRRADs=', 'base64'),
    ]);
    const response = await alice.upload('/photos', gif, 'dot.gif');
    const photo = (await response.json()) as Dossier;
    expect([response.status, photo]).toEqual([
      201,
      expect.objectContaining({ width: 3, height: 2 }),
    ]);
    const download = await alice.fetch(photo.file.url);
    expect([download.status, download.headers.get('content-type')]).toEqual([200, 'image/gif']);
    expect((await bob.fetch(photo.file.url)).status).toBe(403);
    expect((await alice.upload('/photos', PDF, 'photo.gif')).status).toBe(415);
  });
});
