import { Logger } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { defer, finalize, type Observable } from 'rxjs';
import { stackOf } from '../errors/stack-of.js';
import type { StagedFile } from '../file/staged-file.js';

/** Only the log can show it: the client got the answer of a success. */
const UNSAVED =
  'A file was uploaded that the handler neither saved nor discarded, and it is gone: save its entity with ' +
  'PrivateStorageTypeOrmModule, or with commit() of PrivateStorageService; if it is not wanted, call discard().';

/** What one request has staged, until somebody claims it. */
export class UploadSession {
  private readonly files: StagedFile[] = [];
  private running = 0;
  private isAnswered = false;
  private hasSucceeded = false;

  add(file: StagedFile): void {
    this.files.push(file);
  }

  /**
   * Discards what was not committed once the answer is over and the work too: one may be over long before the other, and
   * a handler that still works must not lose its file because the client went away.
   */
  watch({ socket }: IncomingMessage, response: ServerResponse): void {
    const onClose = (): void => {
      this.isAnswered = true;
      this.hasSucceeded = response.writableFinished && response.statusCode < 400;
      this.settle();
    };
    if (response.closed || socket.destroyed) onClose();
    else if (response.socket) response.once('close', onClose);
    else onceQueuedIsOver(response, socket, onClose);
  }

  /** Work with the files begins; each is ended once. */
  begin(): void {
    this.running++;
  }

  end(): void {
    this.running--;
    this.settle();
  }

  /** The handler's work, from {@link begin} to {@link end}. */
  track<T>(handle: () => Observable<T>): Observable<T> {
    return defer(() => {
      this.begin();
      return handle().pipe(finalize(() => this.end()));
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
    if (!this.isAnswered || this.running > 0) return;
    if (this.hasSucceeded && this.files.some(({ isWaiting }) => isWaiting))
      new Logger(UploadSession.name).warn(UNSAVED);
    void this.discard();
  }
}

/** An answer that waits for earlier ones on its connection is told nothing when that closes. */
function onceQueuedIsOver(response: ServerResponse, socket: Socket, onClose: () => void): void {
  const done = (): void => {
    response.off('close', done);
    socket.off('close', done);
    socket.setMaxListeners(socket.getMaxListeners() - 1);
    onClose();
  };
  socket.setMaxListeners(socket.getMaxListeners() + 1); // each request that waits is one listener more
  response.once('close', done);
  socket.once('close', done);
}
