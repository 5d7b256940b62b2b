import { FileChangedError, StorageAnsweredBadlyError } from '../private-storage.errors.js';
import type { AbortSignalLike } from '../storage/abort.js';
import type { FileStat, OpenOptions } from '../storage/opened-file.js';
import { ObjectBody } from './object-body.js';
import type { ObjectAnswer } from './s3-answer.js';
import { failureBehind, storageError } from './s3-errors.js';
import type { S3Place } from './s3-place.js';
import type { S3Requests } from './s3-requests.js';

/** Asks for objects and their parts. */
export class S3Download {
  constructor(
    private readonly place: S3Place,
    private readonly requests: S3Requests,
  ) {}

  get timeoutMs(): number {
    return this.place.options.timeout * 1000;
  }

  /** @throws FileNotFoundError, StorageFailedError */
  async stat(name: string, signal?: AbortSignalLike): Promise<FileStat> {
    return statOf(await this.ask('HEAD', name, {}, signal));
  }

  /** The object, with that of its bytes on the way which is expected to be read. @throws FileNotFoundError, StorageFailedError */
  async open(name: string, { expect = 'all', signal }: OpenOptions): Promise<OpenedObject> {
    if (expect === 'nothing') return { stat: await this.stat(name, signal) };
    if (expect === 'all') return opened(await this.ask('GET', name, {}, signal));
    const range = `bytes=${expect.start}-${expect.end === undefined ? '' : expect.end - 1}`;
    try {
      return opened(await this.ask('GET', name, { range }, signal));
    } catch (error) {
      if (failureBehind(error).status !== 416) throw error;
      return { stat: await this.stat(name, signal) };
    }
  }

  /**
   * The bytes of an object from `start` to before `end`.
   *
   * @throws FileChangedError when there is another object, or none, under that name; StorageFailedError
   */
  async range(
    name: string,
    etag: string,
    start: number,
    end: number,
    signal?: AbortSignalLike,
  ): Promise<ObjectAnswer> {
    const headers = { range: `bytes=${start}-${end - 1}`, 'if-match': etag };
    const answer = await this.ask('GET', name, headers, signal).catch((error: unknown) => {
      throw [404, 412, 416].includes(failureBehind(error).status) ? changed(error) : error;
    });
    const range = `bytes ${start}-${end - 1}/`;
    const isRange = answer.status === 206 && answer.headers['content-range']?.startsWith(range);
    if (isRange && etagOf(answer) === etag) return answer;
    answer.body.destroy();
    if (etagOf(answer) !== etag) throw changed();
    throw new StorageAnsweredBadlyError('The storage answered with another range.');
  }

  private ask(
    method: 'GET' | 'HEAD',
    name: string,
    headers: Record<string, string>,
    signal?: AbortSignalLike,
  ): Promise<ObjectAnswer> {
    const { readHeaders } = this.place.encryption;
    return this.requests
      .send({ method, name, headers: { ...readHeaders, ...headers }, signal })
      .catch((error: unknown) => {
        throw storageError(error);
      });
  }
}

/** What is known of an object, and those of its bytes that are on their way. */
export interface OpenedObject {
  readonly stat: FileStat;
  readonly body?: ObjectBody;
}

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;

function opened(answer: ObjectAnswer): OpenedObject {
  if (answer.status !== 206) {
    const stat = statOf(answer);
    return { stat, body: new ObjectBody(answer.body, 0, stat.size) };
  }
  const [, first, last, size] = CONTENT_RANGE.exec(answer.headers['content-range'] ?? '') ?? [];
  const stat = statOf(answer, size ?? ''); // what a part is long is not what the file is
  return { stat, body: new ObjectBody(answer.body, Number(first), Number(last) + 1) };
}

/** What the headers of a GET or HEAD say. @throws StorageAnsweredBadlyError */
export function statOf(
  answer: ObjectAnswer,
  length = answer.headers['content-length'] ?? '',
): FileStat {
  const size = /^\d+$/.test(length) ? Number(length) : NaN;
  const lastModified = new Date(answer.headers['last-modified'] ?? '');
  const etag = etagOf(answer);
  if (!Number.isSafeInteger(size) || Number.isNaN(lastModified.getTime()) || !etag) {
    answer.body.destroy();
    throw new StorageAnsweredBadlyError('The storage did not tell size, date and ETag of a file.');
  }
  // To the second: all that is known is that nothing was changed after its end.
  return { size, lastModified, etag, changedAt: new Date(lastModified.getTime() + 999) };
}

/** Some servers forget the quotes. */
function etagOf({ headers: { etag } }: ObjectAnswer): string | undefined {
  return etag === undefined || etag.startsWith('"') ? etag : `"${etag}"`;
}

function changed(cause?: unknown): FileChangedError {
  return new FileChangedError('The file was replaced or deleted while it was being read.', {
    cause,
  });
}
