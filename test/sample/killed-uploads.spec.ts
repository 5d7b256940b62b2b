import { utimes } from 'node:fs/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { SampleApp } from './sample-app.js';

const HEAD = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';

describe.each(['express', 'fastify'])('kill -9 while uploads are running on %s', (adapter) => {
  it('leaves staged rests only, which the next start sweeps after the grace time', async () => {
    const killed = await SampleApp.start({ HTTP_ADAPTER: adapter });
    const alice = await killed.login('alice');
    const whole = await alice.upload('/dossiers', new Blob(['whole']), 'note.txt');
    const { file } = (await whole.json()) as { file: { url: string } };
    const [kept = ''] = await killed.files();

    for (let count = 0; count < 2; count++) {
      const upload = request(`${killed.url}/dossiers`, {
        method: 'POST',
        headers: {
          authorization: alice.authorization,
          'content-type': 'multipart/form-data; boundary=b',
        },
      });
      upload.on('error', () => undefined); // of the connection's end
      upload.write(HEAD);
      upload.write(Buffer.alloc(2 * 1024 * 1024, 'x'));
    }
    let files: string[] = [];
    while (files.length < 3) files = await killed.files();
    const exited = once(killed.process, 'exit');
    killed.process.kill('SIGKILL');
    await exited;

    const [abandoned = '', recent = ''] = (await killed.files()).filter((path) => path !== kept);
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    await utimes(abandoned, twoDaysAgo, twoDaysAgo);
    const app = await SampleApp.start({ HTTP_ADAPTER: adapter }, killed.folder);
    expect((await app.files()).sort()).toEqual([kept, recent].sort());
    expect(await (await (await app.login('alice')).fetch(file.url)).text()).toBe('whole');
    await app.remove();
  });
});
