import { Logger } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { defer, finalize, type Observable } from 'rxjs';
import { stackOf } from '../errors/stack-of.js';
import type { StagedFile } from '../file/staged-file.js';

/** What one request has staged, until somebody claims it. */
export class UploadSession {
  private readonly files: StagedFile[] = [];
  private running = 0;
  private isAnswered = false;

  add(file: StagedFile): void {
    this.files.push(file);
  }

  /**
   * Discards what was not committed once the answer is over and the work too: one may be over long before the other, and
   * a handler that still works must not lose its file because the client went away.
   */
  watch({ socket }: IncomingMessage, response: ServerResponse): void {
    const onClose = (): void => {
      response.off('close', onClose);
      socket.off('close', onClose);
      this.isAnswered = true;
      this.settle();
    };
    if (response.closed || socket.destroyed) {
      onClose();
      return;
    }
    response.once('close', onClose);
    if (response.socket) return;
    socket.setMaxListeners(socket.getMaxListeners() + 1); // each request that waits is one listener more
    socket.once('close', onClose); // an answer that waits for earlier ones is told nothing
  }

  /** Work that goes on with the files, and its end is noticed. */
  async during(work: () => Promise<void>): Promise<void> {
    this.running++;
    try {
      await work();
    } finally {
      this.running--;
      this.settle();
    }
  }

  /** As {@link during}, of the handler's work. */
  track<T>(handle: () => Observable<T>): Observable<T> {
    return defer(() => {
      this.running++;
      return handle().pipe(
        finalize(() => {
          this.running--;
          this.settle();
        }),
      );
    });
  }

  /** Throws away what is not committed. Never fails: the storage sweeps up what is left. */
  async discard(): Promise<void> {
    for (const result of await Promise.allSettled(this.files.map((file) => file.discard()))) {
      if (result.status === 'rejected')
        new Logger(UploadSession.name).error(
          'An unclaimed upload could not be discarded.',
          stackOf(result.reason),
        );
    }
  }

  private settle(): void {
    if (this.isAnswered && this.running === 0) void this.discard();
  }
}
