import { randomUUID } from 'node:crypto';
import type { CommitOptions, FileStorage, StagedBytes } from '../storage/file-storage.js';
import type { OpenedFile } from '../storage/opened-file.js';

/** One promise's corner of a storage: keys that nobody else has, and all that it made deleted at the end. */
export class StorageTrial {
  private readonly folder = `lint-${randomUUID()}`;
  private readonly stagings: StagedBytes[] = [];
  private readonly keys = new Set<string>();

  constructor(readonly storage: FileStorage) {}

  key(name = 'file.txt'): string {
    return `${this.folder}/${name}`;
  }

  async stage(content: string | Uint8Array): Promise<StagedBytes> {
    const staged = await this.storage.stage(chunksOf(content));
    this.stagings.push(staged);
    return staged;
  }

  async commit(staged: StagedBytes, key: string, options?: CommitOptions): Promise<string> {
    return this.note(await this.storage.commit(staged, key, options));
  }

  async put(key: string, content: string | Uint8Array, options?: CommitOptions): Promise<string> {
    return this.note(await this.storage.put(key, chunksOf(content), options));
  }

  /** A key to delete at the end. */
  note(key: string): string {
    this.keys.add(key);
    return key;
  }

  /** The whole content of a file. */
  async read(key: string): Promise<Buffer> {
    const opened = await this.storage.open(key);
    try {
      return await contentOf(opened);
    } finally {
      await opened.close();
    }
  }

  async text(key: string): Promise<string> {
    return (await this.read(key)).toString();
  }

  /** What a broken storage leaves behind is not what its errors should be about. */
  async end(): Promise<void> {
    const jobs = [
      ...this.stagings.map((staged) => this.storage.discard(staged)),
      ...[...this.keys].map((key) => this.storage.delete(key)),
    ];
    await Promise.allSettled(jobs);
  }
}

/** The bytes of an opened file; each chunk is copied, since its memory may be used again. */
export async function contentOf(
  opened: OpenedFile,
  start = 0,
  end = opened.stat.size,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of opened.read(start, end)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Content in pieces of uneven size, as a network brings it. */
export async function* chunksOf(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let start = 0, size = 1; start < bytes.length; start += size, size = size * 3 + 1) {
    yield bytes.subarray(start, start + size);
  }
}
