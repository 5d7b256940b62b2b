import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { lstat, readdir, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileNotFoundError } from '../private-storage.errors.js';
import { FileStorage, type StagedBytes } from './file-storage.js';
import type { FileStat, OpenedFile } from './opened-file.js';
import { moveByLink, moveByRename, reservationPath } from './local-commit.js';
import { commitError, readError, storageError, systemCode, writeError } from './local-errors.js';
import { BufferPool } from './buffer-pool.js';
import { openLocalFile } from './local-file.js';
import { isLocalFileSystem } from './local-file-system.js';
import { isRealFolder, makeFolder, syncFolders, syncFoldersSync } from './local-folders.js';
import { localOptions, type LocalStorageOptions } from './local-options.js';
import {
  assertExactPathSync,
  isStagedId,
  pathOf,
  stagedPath,
  STAGING_FOLDER,
} from './local-path.js';
import { prepareRoot } from './local-root.js';
import { writeNewFile } from './local-staging.js';
import { statLocalFile } from './local-stat.js';
import { WarmFiles } from './warm-files.js';

export type { LocalStorageOptions };

/**
 * Files in a folder of a local disk. Uploads wait in `.staging` inside the root, so that a commit is one hard link,
 * which is atomic and never overwrites. Symbolic links, FIFOs, sockets and devices are never opened as files. A folder
 * stays when its last file is deleted.
 */
export class LocalStorage extends FileStorage {
  override readonly canCommitSync = true;
  private readonly options: Required<LocalStorageOptions>;
  private ready?: PreparedRoot;
  private readonly buffers = new BufferPool();

  /** @throws ConfigurationError when `root` is no path, or an option is unknown. */
  constructor(options: LocalStorageOptions) {
    super();
    this.options = localOptions(options);
  }

  /** @throws ConfigurationError when the root is a file, cannot be written to, or has no hard links. */
  override prepare(): void {
    this.makeReady();
  }

  async stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
    const id = randomUUID().replaceAll('-', '');
    const { fileMode: mode, fsync } = this.options;
    const { root, isLocal } = this.makeReady();
    this.makeStaging();
    const writing = { mode, fsync, isLocal };
    return { id, size: await writeNewFile(stagedPath(root, id), bytes, writing) };
  }

  async discard({ id }: StagedBytes): Promise<void> {
    if (!isStagedId(id)) return;
    await rm(stagedPath(this.root, id), { force: true }).catch(rethrow(writeError));
  }

  async sweep(before: Date): Promise<number> {
    const folder = join(this.root, STAGING_FOLDER);
    let swept = 0;
    const errors: unknown[] = [];
    for (const name of await readdir(folder).catch(rethrow(storageError))) {
      const path = join(folder, name);
      const stats = await lstat(path).catch(() => undefined); // committed meanwhile
      if (!stats || stats.mtime >= before) continue;
      try {
        await rm(path, { force: true, recursive: true });
        swept++;
      } catch (error) {
        errors.push(error); // the others go all the same
      }
    }
    if (errors.length > 0) throw writeError(errors[0]);
    return swept;
  }

  protected async commitObject(id: string, key: string, overwrite: boolean): Promise<boolean> {
    const changed = this.place(id, key, overwrite);
    if (!changed) return false;
    if (!this.options.fsync) return true;
    await syncFolders(changed).catch((error: unknown) => this.takeBack(id, key, overwrite, error));
    return true;
  }

  protected override commitObjectSync(id: string, key: string): boolean {
    const changed = this.place(id, key, false);
    if (!changed) return false;
    if (!this.options.fsync) return true;
    try {
      syncFoldersSync(changed);
    } catch (error) {
      this.takeBack(id, key, false, error);
    }
    return true;
  }

  protected async revertObject(id: string, key: string): Promise<void> {
    this.revertObjectSync(id, key);
  }

  protected override revertObjectSync(id: string, key: string): void {
    const path = pathOf(this.root, key);
    try {
      assertFile(path); // a folder would be renamed too
      this.makeStaging();
      renameSync(path, stagedPath(this.root, id));
    } catch (error) {
      throw readError(error);
    }
  }

  protected statObject(key: string): Promise<FileStat> {
    const { root, seen } = this.makeReady();
    return statLocalFile(pathOf(root, key), seen);
  }

  protected openObject(key: string): Promise<OpenedFile> {
    const { root, opened } = this.makeReady();
    return openLocalFile(pathOf(root, key), { pool: this.buffers, warm: opened });
  }

  protected async deleteObject(key: string): Promise<void> {
    const path = pathOf(this.root, key);
    try {
      assertFile(path); // what is no file stays
      await unlink(path);
    } catch (error) {
      if (!(readError(error) instanceof FileNotFoundError)) throw writeError(error);
    }
  }

  protected override objectPath(key: string): string {
    return pathOf(this.root, key);
  }

  private get root(): string {
    return this.makeReady().root;
  }

  private makeReady(): PreparedRoot {
    return (this.ready ??= preparedRoot(this.options));
  }

  /** Who tidies empty folders away takes the staging area along. A root that is gone is not made again. */
  private makeStaging(): void {
    const staging = join(this.root, STAGING_FOLDER);
    try {
      if (!existsSync(staging)) mkdirSync(staging, { mode: this.options.folderMode });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw writeError(error); // made by another process
    }
  }

  /** Returns the folders that changed, none when the key is taken. */
  private place(id: string, key: string, overwrite: boolean): string[] | undefined {
    const source = stagedPath(this.root, id);
    const target = pathOf(this.root, key);
    try {
      const folder = dirname(target);
      let changed = [folder];
      if (!isRealFolder(folder)) {
        lstatSync(source); // before folders are made for nothing
        changed = makeFolder(this.root, folder, this.options.folderMode);
      }
      if (overwrite) renameSync(source, target);
      else if (!this.move(source, target, key)) return undefined;
      return changed;
    } catch (error) {
      throw commitError(error);
    }
  }

  private move(source: string, target: string, key: string): boolean {
    if (this.options.hardLinks) return moveByLink(source, target);
    return moveByRename(source, target, reservationPath(this.root, key));
  }

  /** A failed commit leaves no file, unless there was one before. */
  private takeBack(id: string, key: string, overwrite: boolean, cause: unknown): never {
    if (!overwrite) this.revertObjectSync(id, key);
    throw writeError(cause);
  }
}

/** A root that can be worked in, and what is known of it. */
interface PreparedRoot {
  readonly root: string;
  readonly isLocal: boolean;
  readonly opened: WarmFiles;
  /** Apart, since who has looked at a file has not read it. */
  readonly seen: WarmFiles;
}

function preparedRoot({
  root: place,
  folderMode,
  hardLinks,
}: Required<LocalStorageOptions>): PreparedRoot {
  const root = prepareRoot(place, folderMode, hardLinks);
  const isLocal = isLocalFileSystem(root);
  return { root, isLocal, opened: new WarmFiles(isLocal), seen: new WarmFiles(isLocal) };
}

/** @throws FileNotFoundError, and what the file system throws */
function assertFile(path: string): void {
  assertExactPathSync(path);
  if (!lstatSync(path).isFile()) throw new FileNotFoundError();
}

function rethrow(translate: (error: unknown) => Error): (error: unknown) => never {
  return (error) => {
    throw translate(error);
  };
}
