import { randomBytes } from 'node:crypto';
import { InvalidKeyError, StorageFailedError } from 'nestjs-private-storage';
import { minio, r2, S3Storage, type S3StorageOptions } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put } from '../storage/bytes.js';
import { optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

const HEADERS = {
  contentType: 'text/plain; charset=utf-8',
  contentDisposition: `attachment; filename="Heizol_(1) & co.txt"; filename*=UTF-8''Heiz%C3%B6l%20(1)%20%26%20co.txt`,
};

const CREDENTIALS = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' };

it.each<[string, S3StorageOptions, string]>([
  [
    'AWS',
    { bucket: 'private-media', region: 'eu-central-1', credentials: CREDENTIALS },
    'https://private-media.s3.eu-central-1.amazonaws.com/folder/a%20b.txt',
  ],
  [
    'a prefix',
    { bucket: 'private-media', prefix: 'x/y', region: 'us-east-1', credentials: CREDENTIALS },
    'https://private-media.s3.us-east-1.amazonaws.com/x/y/folder/a%20b.txt',
  ],
  [
    'MinIO below a path',
    minio({ endpoint: 'https://example.com:9000/s3', bucket: 'media', credentials: CREDENTIALS }),
    'https://example.com:9000/s3/media/folder/a%20b.txt',
  ],
  [
    'R2',
    r2({ accountId: 'abc', bucket: 'media', credentials: CREDENTIALS }),
    'https://media.abc.r2.cloudflarestorage.com/folder/a%20b.txt',
  ],
])('URLs are signed for the place that the SDK knows: %s', async (_name, options, expected) => {
  const url = await new S3Storage(options).signedUrl('folder/a b.txt', HEADERS);
  expect(url.replace(/\?.*$/, '')).toBe(expected);
  expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('token');
});

describeWith(...CEPH_PROGRAMS)('signed URLs of S3', () => {
  let ceph: Ceph;
  let options: S3StorageOptions;
  let storage: S3Storage;

  beforeAll(async () => {
    ceph = await startCeph();
    options = { ...optionsOf(ceph), delivery: 'redirect' };
    storage = new S3Storage(options);
    await storage.prepare();
  });

  afterAll(() => ceph.stop());

  it.each([
    'plain.txt',
    "folder/Heizöl (1) & co's 100% + more = 日本語 😀!*.txt",
    '%41/%2e.txt',
    'a?b#c;d,e@f$g',
  ])('give the file of any key, with the headers asked for: %s', async (key) => {
    await put(storage, key, `content of ${key}`);
    const answer = await fetch(await storage.signedUrl(key, HEADERS));
    expect(await answer.text()).toBe(`content of ${key}`);
    expect(answer.headers.get('content-type')).toBe(HEADERS.contentType);
    expect(answer.headers.get('content-disposition')).toBe(HEADERS.contentDisposition);
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('answer ranges and HEAD is not theirs', async () => {
    const content = randomBytes(1_000);
    await put(storage, 'range.bin', content);
    const url = await storage.signedUrl('range.bin', HEADERS);
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(10, 20))).toBe(true);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });

  it('are of no use for another file, another header or a longer time', async () => {
    await put(storage, 'one.txt', 'one');
    await put(storage, 'two.txt', 'two');
    const url = await storage.signedUrl('one.txt', HEADERS);
    for (const changed of [
      url.replace('one.txt', 'two.txt'),
      url.replace('attachment', 'inline'),
      url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000'),
    ]) {
      expect(changed).not.toBe(url);
      expect((await fetch(changed)).status).toBe(403);
    }
  });

  it('live as long as they are told to', async () => {
    const own = new S3Storage({ ...options, urlExpires: 60 });
    const before = Math.floor(Date.now() / 1000) * 1000;
    const url = new URL(await own.signedUrl('a.txt', HEADERS));
    expect(url.searchParams.get('X-Amz-Expires')).toBe('60');
    expect(signedAt(url)).toBeGreaterThanOrEqual(before);
    expect(signedAt(url)).toBeLessThanOrEqual(Date.now());
  });

  it('stay the same for half of their life where that is asked for', async () => {
    const own = new S3Storage({ ...options, urlExpires: 3_600, stableUrls: true });
    const urls = await Promise.all([1, 2, 3].map(() => own.signedUrl('a.txt', HEADERS)));
    const at = signedAt(new URL(urls[0]!));
    expect(at % 1_800_000).toBe(0);
    expect(Date.now() - at).toBeLessThan(1_800_000 + 60_000);
    if (signedAt(new URL(urls[2]!)) === at) expect(new Set(urls).size).toBe(1);
    await put(own, 'a.txt', 'stable');
    const answer = await fetch(await own.signedUrl('a.txt', HEADERS));
    expect(answer.headers.get('cache-control')).toBe('private, max-age=1800');
  });

  it('are for keys only', async () => {
    await expect(storage.signedUrl('.staging/x', HEADERS)).rejects.toThrow(InvalidKeyError);
    await expect(storage.signedUrl('../x', HEADERS)).rejects.toThrow(InvalidKeyError);
  });

  it('are none where only the app has the key', async () => {
    const encryption = { customerKey: randomBytes(32) };
    const own = new S3Storage({ ...options, delivery: 'proxy', encryption });
    await expect(own.signedUrl('a.txt', HEADERS)).rejects.toThrow(StorageFailedError);
  });
});

function signedAt(url: URL): number {
  const date = url.searchParams.get('X-Amz-Date') ?? '';
  return Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
}
