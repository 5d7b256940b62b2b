import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { untilClockMoves } from '../storage/file-clock.js';
import type { Answer, Site, WebServerName } from './site.js';
import { urlOf } from './site.js';

const KEY = 'conversations/report 100%.pdf';
const PATH = urlOf(KEY);
const BYTES = Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(99_991)]);
const SIZE = BYTES.length;

/** Ranges, conditions and HEAD work as RFC 9110 says, whoever answers. */
export function conversationsHold(site: () => Site, server: WebServerName): void {
  const ask = (headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    site().ask(PATH, { method, headers, as: site().root });

  beforeAll(() => site().put(KEY, BYTES));

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=5-9', 5, 10],
    ['bytes=99990-', 99_990, SIZE],
    ['bytes=-4', SIZE - 4, SIZE],
    ['bytes=0-999999999', 0, SIZE],
    ['bytes=-999999999', 0, SIZE],
  ])('sends %s', async (range, start, end) => {
    const { status, headers, body } = await ask({ Range: range });
    expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${end - 1}/${SIZE}`]);
    expect(headers['content-length']).toBe(String(end - start));
    expect(body.equals(BYTES.subarray(start, end))).toBe(true);
    expectDescribed(headers);
  });

  it('says 416 to a range behind the end', async () => {
    const { status, headers, body } = await ask({ Range: `bytes=${SIZE}-` });
    expect([status, headers['content-range']]).toEqual([416, `bytes */${SIZE}`]);
    expect(body.includes('%PDF')).toBe(false);
  });

  it.each(['bytes=5-2', 'bytes=one-two', 'pages=1-2'])(
    'sends the whole to the range %s, which is none',
    async (range) => {
      const { status, headers, body } = await ask({ Range: range });
      if (server === 'lighttpd' && status === 416) return; // it holds any range against what is small, whoever sends it
      expect([status, body.equals(BYTES)]).toEqual([200, true]);
      expectDescribed(headers);
    },
  );

  it('sends several ranges, or the stretch that holds them', async () => {
    const { status, headers, body } = await ask({ Range: 'bytes=1-4,90000-90003' });
    expect(status).toBe(206);
    for (const part of [BYTES.subarray(1, 5), BYTES.subarray(90_000, 90_004)]) {
      expect(body.includes(part)).toBe(true);
    }
    expect(headers['content-length']).toBe(String(body.length));
  });

  it('sends the range of an unchanged file, and the whole of another one, on If-Range', async () => {
    const { headers } = await ask();
    const { etag = '' } = headers;
    const unchanged = await ask({ Range: 'bytes=0-9', 'If-Range': etag });
    expect([unchanged.status, unchanged.body.equals(BYTES.subarray(0, 10))]).toEqual([206, true]);
    const other = await ask({ Range: 'bytes=0-9', 'If-Range': '"another"' });
    expect([other.status, other.body.equals(BYTES)]).toEqual([200, true]);
    const older = await ask({ Range: 'bytes=0-9', 'If-Range': 'Sat, 01 Jan 2000 00:00:00 GMT' });
    expect([older.status, older.body.equals(BYTES)]).toEqual([200, true]);
  });

  it('answers HEAD as GET, without the body', async () => {
    const get = await ask();
    const head = await ask({}, 'HEAD');
    expect(head.body).toHaveLength(0);
    expect([head.status, described(head.headers)]).toEqual([200, described(get.headers)]);
  });

  it('says 304 to who has the file, and sends it to who has another', async () => {
    const { headers } = await ask();
    const { etag = '', 'last-modified': lastModified = '' } = headers;
    const conditions: Record<string, string>[] = [
      { 'If-None-Match': etag },
      { 'If-Modified-Since': lastModified },
    ];
    for (const condition of conditions) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(condition, method);
        expect([answer.status, answer.body.length]).toEqual([304, 0]);
        expect(answer.headers.etag ?? etag).toBe(etag);
      }
    }
    expect((await ask({ 'If-None-Match': '"another"' })).status).toBe(200);
    expect((await ask({ 'If-Modified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' })).status).toBe(200);
  });

  it('says 412 to who insists on another file', async () => {
    const { etag = '' } = (await ask()).headers;
    expect((await ask({ 'If-Match': etag })).status).toBe(200);
    expect((await ask({ 'If-Match': '"another"' })).status).toBe(412);
    const since = await ask({ 'If-Unmodified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' });
    expect(since.status).toBe(412);
  });

  it('never takes a replaced file for the one that a client has', async () => {
    const key = 'conversations/replaced.txt';
    const fetchIt = (headers: Record<string, string> = {}): Promise<Answer> =>
      site().ask(urlOf(key), { headers, as: site().root });
    const path = await site().put(key, 'first');
    const { etag = '' } = (await fetchIt()).headers;
    untilClockMoves(path);
    await rm(path);
    await site().put(key, 'other'); // as long as the first, within the same second
    const answers = await Promise.all([
      fetchIt({ 'If-None-Match': etag }),
      fetchIt({ Range: 'bytes=0-1', 'If-Range': etag }),
    ]);
    expect(answers.map(({ status, body }) => [status, String(body)])).toEqual([
      [200, 'other'],
      [200, 'other'],
    ]);
  });

  it('sends an empty file', async () => {
    await site().put('conversations/empty.txt', '');
    const answer = await site().ask(urlOf('conversations/empty.txt'), { as: site().root });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '0']);
    expectDescribed(answer.headers, 'text/plain; charset=utf-8');
  });
}

/** Without what is about the connection and the app. */
function described(headers: Answer['headers']): Partial<Answer['headers']> {
  const { connection: _connection, 'x-powered-by': _app, ...rest } = headers;
  return rest;
}

function expectDescribed(
  headers: Readonly<Record<string, string>>,
  contentType = 'application/pdf',
): void {
  expect(headers).toMatchObject({
    'content-type': contentType,
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache, no-transform',
    'content-disposition': expect.stringMatching(/^(?:inline|attachment); filename/) as string,
  });
}
