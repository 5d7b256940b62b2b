import { ConfigurationError } from '../private-storage.errors.js';

/** Where {@link LocalStorage} keeps its files, and how. */
export interface LocalStorageOptions {
  /** The folder that holds the files, and nothing else. Made at start-up where it is missing. */
  readonly root: string;
  /**
   * Flush every file and its folder to the disk before an upload counts as stored (default true). Without it an upload
   * costs a quarter to a third less time on a disk, and one that was answered with success may be lost in a power cut.
   */
  readonly fsync?: boolean;
  /** Permissions of new files, less the process's umask (default `0o640`: a web server in the same group can read). */
  readonly fileMode?: number;
  /** Permissions of new folders, less the process's umask (default `0o750`). */
  readonly folderMode?: number;
  /**
   * Commit by hard link (default true). Set it to false for a file system that has none (exFAT, some network and FUSE
   * mounts): a name is then reserved in the staging area and the file renamed to it. The price: an upload costs two more
   * system calls; a name whose reservation was left behind by a crash counts as taken until it is swept a day later; and
   * only this library honours reservations, so a file that another program, or a commit with `overwrite` in another
   * process, gives the same name in the same instant is replaced.
   */
  readonly hardLinks?: boolean;
}

const DEFAULTS = { fsync: true, fileMode: 0o640, folderMode: 0o750, hardLinks: true };

/**
 * Complete options; an undefined one is as good as none.
 *
 * @throws ConfigurationError
 */
export function localOptions(given: unknown): Required<LocalStorageOptions> {
  const { root, ...rest } = (given ?? {}) as Record<string, unknown>;
  if (typeof root !== 'string' || root === '' || root.includes('\0')) {
    throw new ConfigurationError(
      "LocalStorage needs a root: new LocalStorage({ root: '/srv/private-media' }).",
    );
  }
  const known = Object.entries(rest).filter(([, value]) => value !== undefined);
  for (const [name, value] of known) assertOption(name, value);
  return { ...DEFAULTS, ...Object.fromEntries(known), root };
}

function assertOption(name: string, value: unknown): void {
  if (!Object.hasOwn(DEFAULTS, name)) {
    const names = ['root', ...Object.keys(DEFAULTS)].join(', ');
    throw new ConfigurationError(`LocalStorage: unknown option "${name}"; there are: ${names}.`);
  }
  const type = typeof DEFAULTS[name as keyof typeof DEFAULTS];
  if (typeof value !== type) throw new ConfigurationError(`LocalStorage: ${name} is a ${type}.`);
}
