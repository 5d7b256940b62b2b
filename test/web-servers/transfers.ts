import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { Client } from '../sample/sample-app.js';
import { MAX_FILE_SIZE, processesOf, urlOf, type Site } from './site.js';

const MIB = 1024 * 1024;
const PDF = '%PDF-1.7\n';
const BIG = 'transfers/big.bin';
const BIG_MIB = 128;

/** Large files and clients that leave. */
export function transfersEnd(site: () => Site): void {
  const sent = createHash('sha256');

  beforeAll(async () => {
    const file = await open(await site().put(BIG, ''), 'w');
    for (let count = 0; count < BIG_MIB; count++) {
      const block = randomBytes(MIB);
      sent.update(block);
      await file.write(block);
    }
    await file.close();
  });

  it('takes an upload of 30 MiB', async () => {
    const pdf = Buffer.concat([Buffer.from(PDF), randomBytes(30 * MIB)]);
    const created = await upload(site().alice, pdf);
    const { file } = (await created.json()) as { file: { url: string; size: number } };
    expect([created.status, file.size]).toEqual([201, pdf.length]);
    const answer = await site().ask(file.url, { as: site().alice });
    expect([answer.status, answer.body.equals(pdf)]).toEqual([200, true]);
  });

  it.each([
    ['a file that is too large', PDF, MAX_FILE_SIZE + 1, 413, 'FILE_TOO_LARGE'],
    ['a file of the wrong type', '<!DOCTYPE html>', MAX_FILE_SIZE, 415, 'FILE_TYPE_NOT_SUPPORTED'],
  ])('tells the client why %s is refused', async (_what, start, size, status, code) => {
    const before = await site().served.files();
    const refused = await upload(site().alice, Buffer.concat([Buffer.from(start), bytes(size)]));
    expect([refused.status, await refused.json()]).toEqual([
      status,
      expect.objectContaining({ code, field: 'file' }),
    ]);
    expect(await site().served.files()).toEqual(before);
  });

  it('says 413 to a body far too large, and 401 to a stranger, while they are still sending', async () => {
    const before = await site().served.files();
    const far = await upload(
      site().alice,
      Buffer.concat([Buffer.from(PDF), bytes(3 * MAX_FILE_SIZE)]),
    );
    expect(far.status).toBe(413);
    const stranger = new Client(site().served.url, 'Bearer none');
    expect((await upload(stranger, bytes(MAX_FILE_SIZE))).status).toBe(401);
    expect(await site().served.files()).toEqual(before);
  });

  it('keeps nothing of an upload that the client breaks off', async () => {
    const before = await site().served.files();
    const { authorization } = site().alice;
    const broken = request(`${site().served.url}/dossiers`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'multipart/form-data; boundary=b' },
    });
    broken.on('error', () => undefined); // of the connection's end
    broken.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
    broken.write(Buffer.alloc(MIB, 'x'));
    while ((await site().served.files()).length === before.length);
    broken.destroy();
    while ((await site().served.files()).length > before.length);
    expect(await site().served.files()).toEqual(before);
  });

  it('sends a big file whole, and Node has no hand in it', async () => {
    const { app } = await processesOf(site().served);
    const before = await bytesRead(app);
    const response = await download(site(), urlOf(BIG));
    expect(response.headers['content-length']).toBe(String(BIG_MIB * MIB));
    const received = createHash('sha256');
    for await (const chunk of response) received.update(chunk as Buffer);
    expect(received.digest('hex')).toBe(sent.copy().digest('hex'));
    expect((await bytesRead(app)) - before).toBeLessThan(16 * MIB);
  });

  it('keeps conversations apart that share few connections', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const texts = Array.from({ length: 60 }, (_, index) => `${index} `.repeat(index * 997));
    await Promise.all(texts.map((text, index) => site().put(`transfers/${index}.txt`, text)));
    const received = await Promise.all(
      texts.map(async (_, index) => {
        const response = await download(site(), urlOf(`transfers/${index}.txt`), agent);
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        return String(Buffer.concat(chunks));
      }),
    );
    agent.destroy();
    expect(received).toEqual(texts);
  });

  it('survives clients that leave, many at once', async () => {
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        const response = await download(site(), urlOf(BIG));
        await once(response, 'data');
        response.destroy();
      }),
    );
    const answer = await site().ask(urlOf(BIG), {
      headers: { Range: 'bytes=0-99' },
      as: site().root,
    });
    expect([answer.status, answer.body.length]).toEqual([206, 100]);
  });
}

function bytes(length: number): Buffer {
  return Buffer.alloc(length, 'x');
}

function upload(client: Client, bytes: Buffer): Promise<Response> {
  return client.upload('/dossiers', new Blob([bytes]), 'large.pdf');
}

async function download(
  { served, root }: Site,
  path: string,
  agent?: Agent,
): Promise<IncomingMessage> {
  const { authorization } = root;
  const asked = get(served.url + path, { headers: { authorization }, agent });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

/** By a process, from files and connections, up to now. */
async function bytesRead(pid: number): Promise<number> {
  const io = await readFile(`/proc/${pid}/io`, 'utf8');
  return Number(/rchar: (\d+)/.exec(io)?.[1]);
}
