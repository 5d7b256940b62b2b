import type { ExecutionContext } from '@nestjs/common';
import type { AccessControl } from '../access/access-control.js';
import type { PrivateFileField } from '../entity/private-file.field.js';
import type { StorageRegistry } from '../storage/storage-registry.js';
import { rawRequest, rawResponse, type PlatformRequest } from './platform-request.js';
import { refuseBody } from './refuse-body.js';
import type { UploadContext } from './upload-context.js';
import type { ResolvedUploadOptions } from './upload-options.js';
import { UploadSession } from './upload-session.js';
import { uploadTargets, type UploadTargets } from './upload-target.js';

/** What the upload interceptors have in common: who may, what becomes of a refused body, and of files nobody claims. */
export class UploadReceiver {
  constructor(
    private readonly storages: StorageRegistry,
    private readonly options: ResolvedUploadOptions,
    private readonly access: AccessControl,
  ) {}

  /** @throws ConfigurationError when a field's storage does not exist. */
  targets(fields: readonly PrivateFileField[]): UploadTargets {
    return uploadTargets(fields, this.storages, this.options);
  }

  /** @throws ConfigurationError when Nest cannot make one of the fields' guards. */
  async prepare(targets: UploadTargets): Promise<void> {
    for (const { field } of targets.values()) await this.access.prepare(field.guards);
  }

  /** Asks the fields' guards, then lets `read` receive the files. When anything fails nothing is left behind. */
  async receive(
    context: ExecutionContext,
    targets: UploadTargets,
    read: (upload: UploadContext) => Promise<void>,
  ): Promise<UploadSession> {
    const raw = rawRequest(context);
    const response = rawResponse(context);
    const session = new UploadSession();
    const request = context.switchToHttp().getRequest<PlatformRequest>();
    session.watch(raw, response);
    session.begin();
    try {
      await this.askGuards(context, targets);
      await read({ request, raw, targets, options: this.options, session });
      return session;
    } catch (error) {
      refuseBody(raw, response, this.options);
      await session.discard();
      throw error;
    } finally {
      session.end();
    }
  }

  private async askGuards(context: ExecutionContext, targets: UploadTargets): Promise<void> {
    for (const { field, storage } of targets.values()) {
      if (field.guards.length === 0) continue; // the handler's own Nest guards have let the request in
      await this.access.assertUploadAllowed(
        context,
        { storage, storageName: field.storage },
        field.guards,
      );
    }
  }
}
