import { randomUUID } from 'node:crypto';
import {
  FileChangedError,
  FileNotFoundError,
  StagedFileGoneError,
} from '../private-storage.errors.js';
import { FileStorage, type StagedBytes } from './file-storage.js';
import type { FileStat, OpenedFile } from './opened-file.js';

interface StoredBytes {
  readonly bytes: Buffer;
  readonly stat: FileStat;
}

/** Files in the memory of this process, for tests. Keeps every promise that `LocalStorage` keeps, but that of staying. */
export class MemoryStorage extends FileStorage {
  override readonly canCommitSync = true;
  private readonly files = new Map<string, StoredBytes>();
  private readonly staged = new Map<string, { bytes: Buffer; at: Date }>();

  /** The keys of all files, for a test to look at. */
  keys(): string[] {
    return [...this.files.keys()];
  }

  /** How many uploads wait in the staging area. */
  get stagedCount(): number {
    return this.staged.size;
  }

  async stage(source: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    const id = randomUUID();
    this.staged.set(id, { bytes, at: new Date() });
    return { id, size: bytes.length };
  }

  async discard({ id }: StagedBytes): Promise<void> {
    this.staged.delete(id);
  }

  async sweep(before: Date): Promise<number> {
    const old = [...this.staged].filter(([, { at }]) => at < before);
    for (const [id] of old) this.staged.delete(id);
    return old.length;
  }

  protected async commitObject(id: string, key: string, overwrite: boolean): Promise<boolean> {
    return this.place(id, key, overwrite);
  }

  protected override commitObjectSync(id: string, key: string): boolean {
    return this.place(id, key, false);
  }

  protected async revertObject(id: string, key: string): Promise<void> {
    this.revertObjectSync(id, key);
  }

  protected override revertObjectSync(id: string, key: string): void {
    this.staged.set(id, { bytes: this.find(key).bytes, at: new Date() });
    this.files.delete(key);
  }

  protected async statObject(key: string): Promise<FileStat> {
    return this.find(key).stat;
  }

  protected async openObject(key: string): Promise<OpenedFile> {
    const { bytes, stat } = this.find(key);
    return {
      stat,
      async *read(start, end) {
        yield Buffer.from(bytes.subarray(start, end)); // a copy: what a reader does to it is not done to the file
        if (end > bytes.length) {
          throw new FileChangedError('The file became shorter while it was being read.');
        }
      },
      close: () => Promise.resolve(),
    };
  }

  protected async deleteObject(key: string): Promise<void> {
    this.files.delete(key);
  }

  private place(id: string, key: string, overwrite: boolean): boolean {
    const staged = this.staged.get(id);
    if (!staged) {
      throw new StagedFileGoneError(
        'The staged file is gone: it was committed, discarded or swept before.',
      );
    }
    if (!overwrite && this.files.has(key)) return false;
    const { bytes } = staged;
    const stat = { size: bytes.length, lastModified: new Date(), etag: `"${randomUUID()}"` };
    this.files.set(key, { bytes, stat });
    this.staged.delete(id);
    return true;
  }

  private find(key: string): StoredBytes {
    const file = this.files.get(key);
    if (!file) throw new FileNotFoundError();
    return file;
  }
}
