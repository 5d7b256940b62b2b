import { Dicer } from '@fastify/busboy';
import type { Readable } from 'node:stream';
import { UploadRefusedError } from '../private-storage.errors.js';
import { ChunkQueue } from './chunk-queue.js';
import { partHeaders, textOf, type PartHeaders } from './part-headers.js';
import { PartText } from './part-text.js';
import type { RequestBody } from './request-body.js';
import type { TextFields } from './text-fields.js';

/** What holds the client back is the queue of the file's bytes, not the parser's own. */
const PART_BYTES = 1024 * 1024;
/** In bytes. RFC 2046 section 5.1.1 says 70; clients say more. */
export const MAX_BOUNDARY_BYTES = 200;
const BOUNDARY = new RegExp(`^[\\x20-\\x7e]{1,${MAX_BOUNDARY_BYTES}}$`);

/** Takes one file of a multipart body; its promise ends with the file. Throws at once when the file is not wanted. */
type FileTaker = (
  name: string,
  fileName: string,
  bytes: AsyncIterable<Uint8Array>,
) => Promise<void>;

/** Whether a request's `Content-Type` is a form with files in it. */
export function isMultipart(contentType: string | undefined): boolean {
  return /^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType ?? '');
}

/** Reads one multipart body (RFC 7578) as it arrives. Text goes into `fields`, each file to `takeFile`. */
export class MultipartReader {
  private readonly files = new Set<ChunkQueue>();
  private readonly taken: Promise<void>[] = [];
  private failure?: Error;
  private headless = 0;

  constructor(
    private readonly body: RequestBody,
    private readonly fields: TextFields,
    private readonly takeFile: FileTaker,
    private readonly maxHeaderSize: number,
  ) {}

  /**
   * Ends when every file has been taken. When it rejects, no file is being taken any more.
   *
   * @throws UploadRefusedError, and whatever `takeFile` throws
   */
  async read(contentType: string): Promise<void> {
    // The parser cuts headers off at its limit without a word: so it gets a wider one, and ours is found passed.
    const config = {
      boundary: boundaryOf(contentType),
      maxHeaderSize: 2 * this.maxHeaderSize,
      partHwm: PART_BYTES,
    };
    const parser = new Dicer(config);
    const parsed = new Promise<void>((resolve) => {
      parser.on('finish', resolve);
      parser.on('error', (error) => {
        this.fail(malformed('The upload ended too early, or is no valid multipart body.', error));
        resolve();
      });
    });
    parser.on('part', (part) => this.onPart(part));
    try {
      await this.body.read((chunk) => parser.write(chunk));
      parser.end();
      await parsed;
      if (this.headless > 0) throw headless();
    } catch (error) {
      this.fail(error as Error);
    }
    await Promise.allSettled(this.taken);
    if (this.failure) throw this.failure;
  }

  /** Whatever fails first is what the client is told; everything else is stopped by it. */
  private fail(error: Error): void {
    this.failure ??= error;
    this.body.fail(this.failure);
    for (const file of this.files) file.fail(this.failure);
  }

  private onPart(part: Readable): void {
    part.on('error', () => undefined); // of a part cut short: the parser itself says so too
    if (this.headless++ > 0) this.fail(headless());
    part.on('header', (header: Partial<Record<string, string[]>>) => {
      this.headless--;
      try {
        if (this.failure) part.resume();
        else this.onHeader(part, this.checked(header));
      } catch (error) {
        part.resume();
        this.fail(error as Error);
      }
    });
  }

  private checked(header: Partial<Record<string, string[]>>): PartHeaders {
    let size = 0;
    for (const [name, values = []] of Object.entries(header)) {
      for (const value of values) size += name.length + value.length + ':\r\n'.length;
    }
    if (size > this.maxHeaderSize)
      throw malformed(`The headers of a part may not be larger than ${this.maxHeaderSize} bytes.`);
    return partHeaders(header);
  }

  private onHeader(part: Readable, headers: PartHeaders): void {
    const { name, fileName } = headers;
    if (fileName === undefined || fileName === '') this.onText(part, headers);
    else this.onFile(part, name, fileName);
  }

  /** A file input that was left empty arrives as a file without name and bytes: it is no file, and no text either. */
  private onText(part: Readable, { name, fileName, contentType }: PartHeaders): void {
    const text = new PartText();
    this.fields.begin(name);
    part.on('data', (chunk: Buffer) => {
      if (this.failure) return;
      text.add(chunk);
      try {
        this.fields.assertSize(name, text.size);
      } catch (error) {
        this.fail(error as Error);
      }
    });
    part.on('end', () => {
      if (this.failure) return;
      try {
        if (fileName === undefined) this.fields.add(name, textOf(text.bytes(), contentType));
        else if (text.size > 0) throw malformed(`A file without a name was sent as "${name}".`);
      } catch (error) {
        this.fail(error as Error);
      }
    });
  }

  private onFile(part: Readable, name: string, fileName: string): void {
    const bytes = new ChunkQueue(this.body);
    const taken = this.takeFile(name, fileName, bytes);
    this.files.add(bytes);
    this.taken.push(taken.catch((error: unknown) => this.fail(error as Error)));
    part.on('data', (chunk: Buffer) => bytes.push(chunk));
    part.on('end', () => bytes.end());
  }
}

function headless(): UploadRefusedError {
  return malformed('A part of the upload has no end to its headers.');
}

function boundaryOf(contentType: string): string {
  const match = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined || !BOUNDARY.test(boundary))
    throw malformed('The Content-Type of the upload names no boundary.');
  return boundary;
}

function malformed(message: string, cause?: unknown): UploadRefusedError {
  return new UploadRefusedError('MALFORMED_UPLOAD', message, {}, { cause });
}
