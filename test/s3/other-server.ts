import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { clientOf } from './buckets.js';
import type { Ceph } from './ceph.js';
import { HttpServer } from './http-server.js';

/** What a server makes of `If-None-Match: *` of a PUT: `copies` as AWS does, or it is `deaf`, as Garage is. */
type Kind = 'copies' | 'deaf';

/** Ceph, made to treat conditions as another server does. */
export class OtherServer {
  /** Answers to copies that were made and not told. */
  lostAnswers = 0;
  private readonly client: S3Client;
  private copying = Promise.resolve();

  constructor(
    private readonly ceph: Ceph,
    private readonly kind: Kind,
  ) {
    this.client = clientOf(ceph);
  }

  start(): Promise<HttpServer> {
    return HttpServer.start((asked, response) => {
      void this.answer(asked, response).catch(() => response.destroy());
    });
  }

  private async answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const isConditional = asked.method === 'PUT' && asked.headers['if-none-match'] === '*';
    const isCopy = asked.headers['x-amz-copy-source'] !== undefined;
    if (!isConditional) return this.forward(asked, response);
    if (isCopy && this.kind === 'copies') return this.copyOnCondition(asked, response);
    if (isCopy || this.kind === 'copies') return this.forward(asked, response);
    const Body = await buffer(asked);
    await this.client.send(new PutObjectCommand({ ...objectOf(asked), Body }));
    response.writeHead(200, { etag: '"deaf"' }).end();
  }

  /** One after another, so that nobody comes between the question and the copy. */
  private copyOnCondition(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const copy = async (): Promise<void> => {
      if (await this.isThere(asked)) {
        if (this.losesAnswer(asked)) return;
        response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
        return;
      }
      await this.forward(asked, response);
    };
    return (this.copying = this.copying.then(copy));
  }

  private async isThere(asked: IncomingMessage): Promise<boolean> {
    const head = new HeadObjectCommand(objectOf(asked));
    return this.client.send(head).then(
      () => true,
      () => false,
    );
  }

  private async forward(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const { hostname, port } = new URL(this.ceph.endpoint);
    const { method, url: path, headers } = asked;
    const forwarded = request({ hostname, port, method, path, headers });
    asked.pipe(forwarded);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    if (headers['x-amz-copy-source'] !== undefined && this.lostAnswers > 0) {
      await buffer(answer);
      this.losesAnswer(asked);
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
    await once(response, 'close');
  }

  private losesAnswer({ socket }: IncomingMessage): boolean {
    if (this.lostAnswers === 0) return false;
    this.lostAnswers--;
    socket.resetAndDestroy();
    return true;
  }
}

function objectOf({ url = '' }: IncomingMessage): { Bucket: string; Key: string } {
  const [, bucket = '', ...key] = decodeURIComponent(url.replace(/\?.*$/, '')).split('/');
  return { Bucket: bucket, Key: key.join('/') };
}
