import {
  FileChangedError,
  StorageFailedError,
  StorageTimedOutError,
} from '../private-storage.errors.js';
import type { AbortSignalLike } from '../storage/abort.js';
import type { FileStat, OpenedFile } from '../storage/opened-file.js';
import { ObjectBody } from './object-body.js';
import type { OpenedObject, S3Download } from './s3-download.js';
import { storageError } from './s3-errors.js';

/** How often the connection may break before so many bytes have come. */
const MAX_BREAKS = 3;
const MENDED_BYTES = 16 * 1024 ** 2;

/** An object opened for reading; by its ETag it stays the one that was opened. */
export class S3File implements OpenedFile {
  readonly stat: FileStat;
  private isClosed = false;
  private readonly bodies = new Set<ObjectBody>();
  private first?: ObjectBody;
  private readonly onAbort = (): void => void this.close();

  constructor(
    private readonly download: S3Download,
    private readonly name: string,
    { stat, body }: OpenedObject,
    private readonly signal?: AbortSignalLike,
  ) {
    this.stat = stat;
    this.first = body;
    if (body) this.bodies.add(body);
    signal?.addEventListener('abort', this.onAbort);
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array> {
    const last = Math.min(end, this.stat.size);
    let position = start;
    for (let breaks = 0; position < last;) {
      const body = await this.bodyFrom(position, last);
      const before = position;
      try {
        for (let chunk = await this.next(body); chunk; chunk = await this.next(body)) {
          const wanted =
            position + chunk.length > last ? chunk.subarray(0, last - position) : chunk;
          position += wanted.length;
          if (wanted.length > 0) yield wanted;
          if (position === last && body.end > last) break;
        }
        if (position < last) throw new FileChangedError('The file became shorter.');
      } catch (error) {
        const isFinal = error instanceof StorageTimedOutError || this.isClosed;
        if (position - before > MENDED_BYTES) breaks = 0;
        if (isFinal || ++breaks > MAX_BREAKS) throw storageError(error);
      } finally {
        this.free(body);
      }
    }
    if (end > last) throw new FileChangedError('The file is shorter than what was asked for.');
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.signal?.removeEventListener('abort', this.onAbort); // it may be that of many files
    this.first = undefined;
    for (const body of this.bodies) this.free(body);
    return Promise.resolve();
  }

  private next(body: ObjectBody): Promise<Buffer | undefined> {
    return body.next(this.download.timeoutMs);
  }

  /** The answer that the file was opened with is often the one that is wanted. */
  private async bodyFrom(start: number, end: number): Promise<ObjectBody> {
    if (this.isClosed) throw new StorageFailedError('The file was closed.');
    const { first } = this;
    this.first = undefined;
    if (first?.start === start && first.end >= end) return first;
    if (first) this.free(first);
    const { download, name, stat, signal } = this;
    const answer = await download.range(name, stat.etag, start, end, signal);
    if (this.hasClosed()) answer.body.destroy(); // meanwhile
    const body = new ObjectBody(answer.body, start, end);
    this.bodies.add(body);
    return body;
  }

  private hasClosed(): boolean {
    return this.isClosed;
  }

  private free(body: ObjectBody): void {
    this.bodies.delete(body);
    body.free();
  }
}
