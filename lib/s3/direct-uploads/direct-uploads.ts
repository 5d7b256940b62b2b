import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { AccessControl } from '../../access/access-control.js';
import { ACCESS_OPTIONS, type AccessOptions } from '../../access/access-options.js';
import { ConfigurationError } from '../../private-storage.errors.js';
import { StorageRegistry } from '../../storage/storage-registry.js';
import type { FileTarget } from '../../upload/file-intake.js';
import { UPLOAD_OPTIONS, type ResolvedUploadOptions } from '../../upload/upload-options.js';
import { UploadReceiver } from '../../upload/upload-receiver.js';
import {
  fieldsNamed,
  targetNamed,
  type EntityClass,
  type PropertyOf,
  type UploadTargets,
} from '../../upload/upload-target.js';
import { assertInstalled } from '../required-package.js';
import { S3Storage } from '../s3-storage.js';
import { ownerOf } from './upload-ticket.js';

const MAX_FORM_BYTES = 5 * 1024 ** 3; // of S3

/** A field that browsers may send files to S3 for. */
export interface DirectUploadField {
  readonly entityName: string;
  readonly storage: S3Storage;
  readonly target: FileTarget;
  readonly targets: UploadTargets;
}

/** What the two ends of a direct upload have in common: the field it is for, and the user it belongs to. */
@Injectable()
export class DirectUploads {
  readonly receiver: UploadReceiver;

  constructor(
    storages: StorageRegistry,
    private readonly access: AccessControl,
    @Inject(ACCESS_OPTIONS) private readonly options: Required<AccessOptions>,
    @Inject(UPLOAD_OPTIONS) uploads: ResolvedUploadOptions,
  ) {
    this.receiver = new UploadReceiver(storages, uploads, access);
  }

  /** Called at start-up. @throws ConfigurationError when the field cannot have direct uploads. */
  async fieldOf<E extends object>(
    entity: EntityClass<E>,
    property: PropertyOf<E>,
  ): Promise<DirectUploadField> {
    const targets = this.receiver.targets(fieldsNamed(entity, [property]));
    const target = targetNamed(targets, property);
    const { storage } = target;
    if (!(storage instanceof S3Storage)) {
      throw new ConfigurationError(
        `${entity.name}.${property} is kept in the storage "${target.field.storage}", a ${storage.constructor.name}; ` +
          'direct uploads need an S3Storage.',
      );
    }
    if (!storage.canSignUrls) {
      throw new ConfigurationError(
        `${entity.name}.${property}: no browser can be given the customerKey of its storage; use 'AES256' or { kms } there.`,
      );
    }
    assertInstalled('@aws-sdk/s3-presigned-post', 'A direct upload');
    await this.receiver.prepare(targets);
    const maxFileSize = Math.min(target.maxFileSize, MAX_FORM_BYTES);
    return { entityName: entity.name, storage, target: { ...target, maxFileSize }, targets };
  }

  /** Asks all guards that an upload through the library's own door has to pass, and says whose it will be. */
  async authorize(context: ExecutionContext, uploadField: DirectUploadField): Promise<string> {
    const { storage, target } = uploadField;
    const { guards, storage: storageName } = target.field;
    await this.access.authenticate(context, storageName);
    if (guards.length > 0)
      await this.access.assertUploadAllowed(context, { storage, storageName }, guards);
    else await this.access.authorize(context, this.requested(context, uploadField));
    return this.ownerOf(context, uploadField);
  }

  /** Whose uploads the request may name. @throws NotAuthenticatedError, ConfigurationError when the user has no id */
  async ownerOf(context: ExecutionContext, uploadField: DirectUploadField): Promise<string> {
    const file = this.requested(context, uploadField);
    await this.access.authorize(context, file, () => true); // somebody, whoever it is
    const id = this.options.userId(file.user);
    if (typeof id !== 'string' && typeof id !== 'number') {
      throw new ConfigurationError(
        'A direct upload belongs to a user, who has no id that is a string or number; write access: { userId: (user) => user.sub }.',
      );
    }
    const { field } = uploadField.target;
    return ownerOf(field.storage, uploadField.entityName, field.property, String(id));
  }

  private requested(context: ExecutionContext, { storage, target }: DirectUploadField) {
    return this.access.requestedFile(context, {
      storage,
      storageName: target.field.storage,
      key: '',
      action: 'upload',
      parent: undefined,
    });
  }
}
