import { StorageAnsweredBadlyError } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
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
