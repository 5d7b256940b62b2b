import { ConfigurationError } from '../private-storage.errors.js';

/** What is said where the module's providers are missing. */
export function notSetUp(): ConfigurationError {
  return new ConfigurationError(
    'Private files are not set up: import PrivateStorageModule.forRoot({ storage: ... }) in the root module. ' +
      'Other modules need no import of it, unless it was given isGlobal: false.',
  );
}
