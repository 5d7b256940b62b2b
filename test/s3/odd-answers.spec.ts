import { StorageAnsweredBadlyError, StorageUnavailableError } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { readText } from '../storage/bytes.js';
import { HttpServer } from './http-server.js';

const storageAt = (endpoint: string) =>
  new S3Storage({
    ...{ endpoint, region: 'us-east-1', forcePathStyle: true, bucket: 'files' },
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    delivery: 'proxy',
  });

it.each(['bytes 0-3/*', ''])(
  'a part of a file whose length is not told is not taken for all of it: %j',
  async (range) => {
    const server = await HttpServer.start((request, response) => {
      request.resume();
      response.writeHead(206, {
        etag: '"part"',
        'content-length': '4',
        'content-range': range,
        'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
      });
      response.end('abcd');
    });
    const opening = storageAt(server.url).open('a.txt', { expect: { start: 0, end: 4 } });
    await expect(opening).rejects.toThrow(StorageAnsweredBadlyError);
    await server.stop();
  },
);

it.each([
  [1, 'abcd'],
  [3, 'abcd'],
  [4, undefined],
])('a file whose connection breaks before its first byte, %d times, is %j', async (times, text) => {
  let requests = 0;
  const server = await HttpServer.start((request, response) => {
    const isRange = request.headers.range !== undefined;
    response.writeHead(isRange ? 206 : 200, {
      etag: '"whole"',
      'content-length': '4',
      'content-range': isRange ? 'bytes 0-3/4' : '',
      'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
    });
    response.flushHeaders();
    if (++requests > times) response.end('abcd');
    else request.socket.end();
  });
  const reading = readText(storageAt(server.url), 'a.txt');
  if (text === undefined) await expect(reading).rejects.toThrow(StorageUnavailableError);
  else expect(await reading).toBe(text);
  await server.stop();
});

it('a bucket that takes no file as it is sent is told from others', async () => {
  const server = await HttpServer.start((request, response) => {
    request.resume();
    const isWrite = request.method === 'PUT';
    if (isWrite) response.writeHead(400); // AWS wants a checksum where a bucket has a default retention
    response.end(isWrite ? '<Error><Code>InvalidRequest</Code></Error>' : '<ListBucketResult/>');
  });
  await expect(storageAt(server.url).prepare()).rejects.toThrow(/default retention/);
  await server.stop();
});
