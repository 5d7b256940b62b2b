import { Controller, Get, Inject, Req, Res, SetMetadata, VERSION_NEUTRAL } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { RequestedFile } from '../file/requested-file.js';
import { FileNotFoundError } from '../private-storage.errors.js';
import { StorageRegistry } from '../storage/storage-registry.js';
import { Downloads } from './downloads.js';
import { handlerContext } from './handler-context.js';
import { ProbeDoor } from './probe-door.js';

export const PROBE_PATH = 'private-storage-probe';
export const PROBE_HEADER = 'x-private-storage-probe';

/** What `@ApiExcludeController()` of @nestjs/swagger leaves: the route is none of the app's. */
const SWAGGER_EXCLUDED = SetMetadata('swagger/apiExcludeController', [true]);

/** Where a {@link WebServerCheck} asks for its probe; for everybody else, and at any other time, there is nothing. */
@SWAGGER_EXCLUDED
@Controller({ path: PROBE_PATH, version: VERSION_NEUTRAL })
export class ProbeController {
  @Inject(ProbeDoor) private readonly door: ProbeDoor;
  @Inject(StorageRegistry) private readonly storages: StorageRegistry;
  @Inject(Downloads) private readonly downloads: Downloads;

  @Get()
  async send(
    @Req() request: { readonly headers: IncomingHttpHeaders },
    @Res() response: object,
  ): Promise<void> {
    const probe = this.door.enter(request.headers[PROBE_HEADER]);
    if (!probe) throw new FileNotFoundError();
    const file = new RequestedFile(
      {
        ...probe,
        storage: this.storages.get(probe.storageName),
        action: 'download',
        parent: undefined,
      },
      request,
      () => ({}),
    );
    await this.downloads.deliver(handlerContext(this, 'send', [request, response]), file);
  }
}
