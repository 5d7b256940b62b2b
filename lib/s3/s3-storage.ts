import {
  FileStorage,
  type CommitOptions,
  type SignedUrlHeaders,
  type StagedBytes,
} from '../storage/file-storage.js';
import { ConfigurationError } from '../private-storage.errors.js';
import { parseKey } from '../storage/keys.js';
import type { FileStat, OpenedFile, OpenOptions } from '../storage/opened-file.js';
import { BucketProbe, type BucketAbilities } from './bucket-probe.js';
import { checkedOptions } from './checked-options.js';
import { deleteObjects } from './s3-bulk-deletes.js';
import { clientOf } from './s3-client.js';
import { S3Commits } from './s3-commits.js';
import { S3Copies } from './s3-copies.js';
import { deleteShared } from './s3-deletes.js';
import { S3Download } from './s3-download.js';
import { commitError, failing, stagedFileGone } from './s3-errors.js';
import { S3File } from './s3-file.js';
import { listFiles, type ListedFiles, type ListOptions } from './s3-listing.js';
import { deleteObject } from './s3-objects.js';
import type { S3StorageOptions } from './s3-options.js';
import { isStagedId, newStagedId, S3Place } from './s3-place.js';
import { S3Requests } from './s3-requests.js';
import { S3Sweep } from './s3-sweep.js';
import { S3Uploads } from './s3-uploads.js';
import { SignedUrls } from './signed-urls.js';

/**
 * Files in a bucket of AWS S3, or of a server that speaks like it: Ceph, MinIO, R2, Garage. Needs the packages
 * `@aws-sdk/client-s3` and `@aws-sdk/s3-request-presigner`.
 *
 * Uploads wait under `.staging/`, where no key leads, and are copied to their key by the server: nothing is kept on the
 * local disk. A commit never replaces a file where the server writes under a condition (`If-None-Match: *`); where it
 * does not, two processes that give the same key in the same instant may.
 *
 * @example
 * new S3Storage({ bucket: 'private-media', region: 'eu-central-1' })
 */
export class S3Storage extends FileStorage {
  override readonly canSignUrls: boolean;
  override readonly delivery: 'stream' | 'redirect';
  /** The bucket, and how to speak to its server. @internal */
  readonly place: S3Place;
  /** @internal */
  readonly download: S3Download;
  /** @internal */
  readonly copies: S3Copies;
  protected override readonly maxKeyBytes: number;
  private readonly requests: S3Requests;
  private readonly uploads: S3Uploads;
  private readonly commits: S3Commits;
  private readonly urls: SignedUrls;
  private probed?: Promise<BucketAbilities>;

  /** @throws ConfigurationError when an option is missing, wrong or unknown. */
  constructor(given: S3StorageOptions) {
    super();
    const options = checkedOptions(given, new.target.name);
    this.place = new S3Place(clientOf(options), options);
    this.requests = new S3Requests(this.place);
    this.copies = new S3Copies(this.place, this.requests);
    this.download = new S3Download(this.place, this.requests);
    this.commits = new S3Commits(this.place, this.requests, this.copies);
    this.uploads = new S3Uploads(this.place, this.requests, () => this.abilities());
    this.urls = new SignedUrls(this.place, this.requests);
    this.maxKeyBytes = this.place.maxKeyBytes;
    this.canSignUrls = !this.place.encryption.isCustomerKey;
    this.delivery = options.delivery === 'proxy' ? 'stream' : 'redirect';
  }

  /**
   * @throws ConfigurationError when there is no such bucket, it is in another region, the credentials are not enough, or
   * nothing answers.
   */
  override async prepare(): Promise<void> {
    await this.abilities();
  }

  async stage(bytes: AsyncIterable<Uint8Array>): Promise<StagedBytes> {
    const id = newStagedId();
    const size = await this.uploads.send(this.place.stagingName(id), bytes);
    return { id, size };
  }

  async discard({ id }: StagedBytes): Promise<void> {
    if (isStagedId(id)) await deleteObject(this.requests, this.place.stagingName(id));
  }

  async sweep(before: Date): Promise<number> {
    return new S3Sweep(this.place, this.requests, before).run();
  }

  /**
   * Files in the order of their keys as UTF-8, at most 1,000 at a time; `prefix` is what their keys begin with, such as
   * `dossiers/2026/`.
   *
   * @throws ConfigurationError for another limit, InvalidKeyError for a prefix that is too long, StorageFailedError
   * @example
   * for (let after: string | undefined = ''; after !== undefined; ) {
   *   const page = await storage.list('dossiers/', { after });
   *   for (const { key, size } of page.files) console.log(key, size);
   *   after = page.after;
   * }
   */
  async list(prefix = '', options: ListOptions = {}): Promise<ListedFiles> {
    return listFiles(this.place, prefix, options);
  }

  /**
   * Copies a file inside the storage without reading it. Returns the key the copy got: as with a commit, a taken one gets
   * a random suffix unless `overwrite` is set.
   *
   * @throws InvalidKeyError, FileNotFoundError, StorageFailedError
   */
  async copy(from: string, to: string, options?: CommitOptions): Promise<string> {
    const id = newStagedId();
    const source = this.place.nameOf(parseKey(from));
    parseKey(to);
    await failing(this.copies.copy({ from: source, to: this.place.stagingName(id) }));
    const staged = { id, size: 0 };
    try {
      return await this.commit(staged, to, options);
    } catch (error) {
      await this.discard(staged).catch(() => undefined); // the sweep gets it
      throw error;
    }
  }

  /** As {@link copy}, and then deletes the first: for a moment both are there. */
  async move(from: string, to: string, options?: CommitOptions): Promise<string> {
    const key = await this.copy(from, to, options);
    if (key !== from) await this.delete(from);
    return key;
  }

  /**
   * Deletes files, 1,000 with a request; those that are missing are none of its business, and one that is refused keeps
   * none of the others.
   *
   * @throws InvalidKeyError, and then none is deleted; StorageFailedError; ConfigurationError for a single key
   */
  async deleteMany(keys: Iterable<string>): Promise<void> {
    // of one letter each, as which a string would be taken, the keys are valid too
    if (typeof keys === 'string') throw new ConfigurationError('Give deleteMany() a list of keys.');
    const names = Array.from(keys, (key) => this.place.nameOf(parseKey(key)));
    await deleteObjects(this.place, this.requests, names);
  }

  override async locationOf(key: string): Promise<string> {
    const { protocol, host, path } = await failing(this.requests.locate());
    return `${protocol}//${host}${path}${this.place.nameOf(parseKey(key))}`;
  }

  protected async commitObject(id: string, key: string, overwrite: boolean): Promise<boolean> {
    if (!isStagedId(id)) throw stagedFileGone();
    const abilities = await this.abilities();
    const copy = { from: this.place.stagingName(id), to: this.place.nameOf(key), mark: id };
    const isFree = await failing(
      overwrite
        ? this.commits.copy(copy).then(() => true)
        : this.commits.copyToNew(copy, abilities),
      commitError,
    );
    if (isFree) await deleteObject(this.requests, copy.from).catch(() => undefined); // the sweep gets it
    return isFree;
  }

  protected async revertObject(id: string, key: string): Promise<void> {
    if (!isStagedId(id)) throw stagedFileGone();
    const from = this.place.nameOf(key);
    await failing(this.copies.copy({ from, to: this.place.stagingName(id) }));
    await deleteShared(this.place, this.requests, from, { mark: id });
  }

  protected async statObject(key: string): Promise<FileStat> {
    return this.download.stat(this.place.nameOf(key));
  }

  protected async openObject(key: string, options: OpenOptions = {}): Promise<OpenedFile> {
    const name = this.place.nameOf(key);
    const opened = await this.download.open(name, options);
    return new S3File(this.download, name, opened, options.signal);
  }

  protected async deleteObject(key: string): Promise<void> {
    await deleteShared(this.place, this.requests, this.place.nameOf(key));
  }

  protected override async signObjectUrl(key: string, headers: SignedUrlHeaders): Promise<string> {
    if (!this.canSignUrls) return super.signObjectUrl(key, headers);
    return failing(this.urls.sign(this.place.nameOf(key), headers));
  }

  private abilities(): Promise<BucketAbilities> {
    return (this.probed ??= new BucketProbe(this.place, this.requests, this.copies)
      .run()
      .catch((error: unknown) => {
        this.probed = undefined;
        throw error;
      }));
  }
}
