import bytes from 'bytes';
import type { IncomingMessage } from 'node:http';
import { UploadRefusedError } from '../private-storage.errors.js';
import type { ChunkSource } from './chunk-queue.js';
import { isHttp2 } from './http2-request.js';

interface BodyLimits {
  /** In bytes. */
  readonly maxTotalSize: number;
  /** In milliseconds; 0 is for ever. */
  readonly idleTimeout: number;
}

/** A request's body while it is read: no longer than allowed, no slower, and no faster than it is taken. */
export class RequestBody implements ChunkSource {
  private received = 0;
  private holds = 0;
  private failure?: Error;
  private reject?: (error: Error) => void;

  constructor(
    private readonly request: IncomingMessage,
    private readonly limits: BodyLimits,
  ) {}

  /**
   * Hands every chunk to `take`, until the end. When it rejects, the rest has been left unread.
   *
   * @throws UploadRefusedError, and what {@link fail} was given
   */
  async read(take: (chunk: Buffer) => void): Promise<void> {
    const { request } = this;
    const idle = this.startIdleTimer();
    const onData = (chunk: Buffer): void => {
      idle?.refresh();
      if (this.isWithinLimit(chunk)) take(chunk);
    };
    const onClose = (): void => {
      if (!request.readableEnded) this.fail(aborted());
    };
    try {
      await new Promise<void>((resolve, reject) => {
        this.reject = reject;
        if (request.destroyed) this.fail(aborted());
        else if (this.failure) reject(this.failure);
        request.on('data', onData).on('end', resolve).on('error', onClose).on('close', onClose);
        request.resume(); // somebody may have paused it before
      });
    } finally {
      clearTimeout(idle);
      request.off('data', onData).off('error', onClose).off('close', onClose);
      request.pause();
    }
  }

  /** Stops reading: {@link read} rejects with `error`. */
  fail(error: Error): void {
    this.failure ??= error;
    this.reject?.(this.failure);
  }

  hold(): void {
    if (this.holds++ === 0) this.request.pause();
  }

  release(): void {
    if (--this.holds === 0 && !this.failure) this.request.resume();
  }

  private isWithinLimit({ length }: Buffer): boolean {
    this.received += length;
    const { maxTotalSize } = this.limits;
    if (this.received > maxTotalSize) this.fail(uploadTooLarge(maxTotalSize));
    return !this.failure;
  }

  /** Time in which it is us who hold the client back does not count. */
  private startIdleTimer(): NodeJS.Timeout | undefined {
    const { idleTimeout } = this.limits;
    if (idleTimeout === 0) return undefined;
    const timer = setTimeout(() => {
      if (this.holds > 0) timer.refresh();
      else this.fail(timedOut(idleTimeout));
    }, idleTimeout);
    return timer;
  }
}

export function uploadTooLarge(limit: number): UploadRefusedError {
  const sentence = `The upload may not be larger than ${String(bytes.format(limit))} in all.`;
  return new UploadRefusedError('UPLOAD_TOO_LARGE', sentence, { limit });
}

function timedOut(limit: number): UploadRefusedError {
  const sentence = `Nothing arrived for ${limit} milliseconds.`;
  return new UploadRefusedError('UPLOAD_TIMED_OUT', sentence, { limit });
}

function aborted(): UploadRefusedError {
  return new UploadRefusedError('UPLOAD_ABORTED', 'The upload was broken off.');
}

/** Whether a request says that it has a body (RFC 9112 section 6.3; in HTTP/2, by not ending with its head). */
export function announcesBody(request: IncomingMessage): boolean {
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if (coding !== undefined) return true;
  return length === undefined
    ? isHttp2(request) && !request.stream.endAfterHeaders
    : Number(length) > 0;
}
