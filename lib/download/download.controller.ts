import {
  All,
  Controller,
  Inject,
  MethodNotAllowedException,
  Req,
  Res,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { Downloads } from './downloads.js';
import { handlerContext } from './handler-context.js';
import { ALLOW, isRead } from './read-only.js';

/** Serves a storage by key: one class a storage, so that each has its own routes in each app. */
export abstract class DownloadController {
  protected abstract readonly storageName: string;

  @Inject(Downloads)
  private readonly downloads: Downloads;

  /** One route for all methods: `@Get` beside `@All` on one path stops Fastify. */
  @All()
  async download(@Req() request: KeyRequest, @Res() response: HeaderSetter): Promise<void> {
    if (!isRead(request.method)) {
      response.header('Allow', ALLOW);
      throw new MethodNotAllowedException();
    }
    const context = handlerContext(this, 'download', [request, response]);
    await this.downloads.authenticate(context, this.storageName);
    await this.downloads.send(context, {
      storageName: this.storageName,
      key: keyOf(request),
      parent: undefined,
    });
  }
}

interface KeyRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, string | string[]>>;
}

interface HeaderSetter {
  header(name: string, value: string): unknown;
}

/** Routers decode once: Express into a list of segments called `path`, Fastify into one string called `*`. */
function keyOf({ params }: KeyRequest): string {
  const rest = params.path ?? params['*'] ?? '';
  return Array.isArray(rest) ? rest.join('/') : rest;
}

/** A download controller's class, which knows the storage that it serves. */
export interface StorageDownloadController extends Type<DownloadController> {
  readonly storageName: string;
}

/** The controller of one storage, still without a path; see {@link routeDownloads}. */
export function createDownloadController(name: string): StorageDownloadController {
  class KeyDownloadController extends DownloadController {
    static readonly storageName = name;
    protected readonly storageName = name;
  }
  routeDownloads(KeyDownloadController, []);
  return KeyDownloadController;
}

export function isDownloadController(type: unknown): type is StorageDownloadController {
  return typeof type === 'function' && type.prototype instanceof DownloadController;
}

/**
 * Gives a controller its routes: none of the app's versions apply to them.
 * Done when adapter and options are known, before Nest reads the routes: the adapters write wildcards in different ways.
 */
export function routeDownloads(controller: StorageDownloadController, paths: string[]): void {
  Controller({ path: paths, version: VERSION_NEUTRAL })(controller);
}
