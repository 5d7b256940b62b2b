import type { Readable } from 'node:stream';
import { StorageTimedOutError, StorageUnavailableError } from '../private-storage.errors.js';

/** Bytes of an object, from `start` to before `end`, that are on their way. */
export class ObjectBody {
  private wake?: () => void;
  private error?: Error;
  private isOver = false;

  constructor(
    private readonly stream: Readable,
    readonly start: number,
    readonly end: number,
  ) {
    const onChange = (): void => this.wake?.();
    const onEnd = (): void => {
      this.isOver = true;
      onChange();
    };
    stream.on('readable', onChange).on('end', onEnd).on('close', onEnd);
    stream.on('error', (error: Error) => {
      this.error ??= error;
      onChange();
    });
  }

  /**
   * The next bytes; undefined after the last ones. Nobody who is slow to ask is timed out.
   *
   * @throws StorageTimedOutError when none come for `timeoutMs`, and what the network throws
   */
  async next(timeoutMs: number): Promise<Buffer | undefined> {
    for (;;) {
      if (this.error) throw this.error;
      const chunk = this.stream.read() as Buffer | null;
      if (chunk !== null) return chunk;
      if (this.stream.readableEnded) return undefined;
      if (this.isOver) throw new StorageUnavailableError('The connection to the storage broke.');
      await this.change(timeoutMs);
    }
  }

  /** What has not come yet is not wanted any more. May be called more than once. */
  free(): void {
    if (!this.isOver) this.stream.destroy();
  }

  private async change(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const isTimely = await new Promise<boolean>((resolve) => {
      this.wake = () => resolve(true);
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    clearTimeout(timer);
    if (isTimely) return;
    this.stream.destroy();
    throw new StorageTimedOutError('The storage stopped in the middle of a file.');
  }
}
