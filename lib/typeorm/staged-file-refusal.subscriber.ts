import type { BeforeQueryEvent, EntitySubscriberInterface } from 'typeorm';
import { ConfigurationError } from '../private-storage.errors.js';
import { isStagedFile } from './file-column.transformer.js';

/** Stops every statement that is about to write a staged file, whoever made it. */
export class StagedFileRefusal implements EntitySubscriberInterface {
  beforeQuery({ parameters }: BeforeQueryEvent): void {
    if (Array.isArray(parameters) && parameters.some(isStagedFile)) throw notBySave('The entity');
  }
}

/** Says that a staged file came another way than by `save()`. */
export function notBySave(what: string): ConfigurationError {
  return new ConfigurationError(
    `${what} holds a StagedFile, which only save() can store: write repository.save(entity), without ` +
      '{ transaction: false } and { listeners: false }, not insert(), update() or upsert().',
  );
}
