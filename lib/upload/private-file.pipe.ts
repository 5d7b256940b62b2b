import { Injectable, Optional, type PipeTransform } from '@nestjs/common';
import { StagedFile } from '../file/staged-file.js';
import { ConfigurationError, UploadRefusedError } from '../private-storage.errors.js';

/** What {@link PrivateFilePipe} asks of a request. */
export interface PrivateFilePipeOptions {
  /** Whether a request without a file is refused (default true); the names of the fields that need one, for several. */
  readonly required?: boolean | readonly string[];
}

/**
 * Hands the handler what the upload interceptors received, or refuses the request when there is no file.
 *
 * @example
 * create(@UploadedFile(PrivateFilePipe) file: StagedFile)
 * update(@UploadedFile(new PrivateFilePipe({ required: false })) file: StagedFile | undefined)
 * sign(@UploadedFiles(new PrivateFilePipe({ required: ['contract'] })) files: { contract: StagedFile; scan?: StagedFile })
 */
@Injectable()
export class PrivateFilePipe implements PipeTransform {
  private readonly required: boolean | readonly string[];

  constructor(@Optional() options?: PrivateFilePipeOptions) {
    this.required = options?.required ?? true;
  }

  /** @throws UploadRefusedError `FILE_REQUIRED`; ConfigurationError when no interceptor has looked for a file */
  transform(value: unknown): unknown {
    if (value instanceof StagedFile) return value;
    if (value === undefined) throw notReceived();
    if (value === null) {
      this.assertOptional();
      return undefined;
    }
    const files = value as Record<string, unknown>;
    if (!Object.values(files).every((file) => file instanceof StagedFile)) throw notReceived();
    if (typeof this.required !== 'boolean') {
      for (const field of this.required) if (!files[field]) throw fileRequired(field);
    } else if (this.required && Object.keys(files).length === 0) {
      throw fileRequired();
    }
    return files;
  }

  private assertOptional(): void {
    if (this.required === false) return;
    throw fileRequired(typeof this.required === 'boolean' ? undefined : this.required[0]);
  }
}

function fileRequired(field?: string): UploadRefusedError {
  return new UploadRefusedError(
    'FILE_REQUIRED',
    'A file is required.',
    field === undefined ? {} : { field },
  );
}

function notReceived(): ConfigurationError {
  return new ConfigurationError(
    'PrivateFilePipe was given nothing that the library received: put PrivateFileInterceptor(Entity, field) on the route for ' +
      '@UploadedFile(), PrivateFilesInterceptor(Entity, fields) for @UploadedFiles(), or write privateFilePipe(Entity, field) ' +
      'where it keeps FileInterceptor.',
  );
}
