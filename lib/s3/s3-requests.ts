import type { S3Client } from '@aws-sdk/client-s3';
import { Abort, type AbortSignalLike } from '../storage/abort.js';
import { addressOf, type S3Address } from './s3-address.js';
import { answerOf, type ObjectAnswer } from './s3-answer.js';
import { NO_BYTES, type ObjectBytes } from './object-bytes.js';
import { encodeName, type S3Place } from './s3-place.js';
import { timedOut } from './s3-errors.js';
import { retrying } from './s3-retries.js';
import { sentBytes } from './sent-bytes.js';
import { ServerClock } from './server-clock.js';

/** A request for one object. */
export interface ObjectRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** The object's name. */
  readonly name: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: ObjectBytes;
  readonly signal?: AbortSignalLike;
}

/**
 * The requests that carry bytes, with the SDK's endpoint, credentials, signer, retries and connections, but without the
 * rest of it, which costs several times as much as the transfer of a small file.
 */
export class S3Requests {
  private address?: Promise<S3Address>;
  private signer?: ReturnType<S3Client['config']['signer']>;

  constructor(private readonly place: S3Place) {}

  /** @throws S3AnswerError for any other status than success, and what the network throws. */
  send(request: ObjectRequest): Promise<ObjectAnswer> {
    return retrying(this.place.client, request.method, () => this.sendOnce(request));
  }

  /** Where objects are. */
  locate(): Promise<S3Address> {
    return (this.address ??= addressOf(this.place.client, this.place.bucket).catch(
      (error: unknown) => {
        this.address = undefined; // the SDK may find its credentials, or its region, the next time
        throw error;
      },
    ));
  }

  /** As {@link send}, without repeats. */
  async sendOnce(request: ObjectRequest): Promise<ObjectAnswer> {
    const { body = NO_BYTES, signal } = request;
    const { client } = this.place;
    const clock = await ServerClock.of(client);
    const signed = await this.sign(request, body);
    const abort = new Abort();
    const onAbort = (): void => abort.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    const { client: ofApp, timeout } = this.place.options;
    const timer = setTimeout(() => abort.abort(timedOut()), timeout * 1000);
    try {
      const handled = await client.config.requestHandler.handle(
        { ...signed, body: sentBytes(body.bytes, () => timer.refresh()) },
        // Its own limit counts the time that a body takes to leave; an app's handler may have one.
        { abortSignal: abort, ...(ofApp ? {} : { requestTimeout: 0 }) },
      );
      clock.learn(handled.response);
      return await answerOf(handled.response, request.method);
    } catch (error) {
      if (abort.aborted) throw abort.reason;
      const refusal = clock.refusal(error);
      abort.abort(refusal); // a body that was refused unread would keep its connection
      throw refusal;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  private async sign({ method, name, query, headers }: ObjectRequest, body: ObjectBytes) {
    const { path, signingRegion, signingService, host, ...rest } = await this.locate();
    const { config } = this.place.client;
    const signer = await (this.signer ??= config.signer()); // it asks for the credentials each time
    return signer.sign(
      {
        ...rest,
        method,
        path: path + encodeName(name),
        query: { ...query },
        headers: {
          host,
          ...headers,
          'x-amz-content-sha256': body.sha256 ?? 'UNSIGNED-PAYLOAD',
          ...(method === 'PUT' ? { 'content-length': String(body.bytes.length) } : {}),
        },
      },
      { signingDate: new Date(this.place.now()), signingRegion, signingService },
    );
  }
}
