import { createRequire } from 'node:module';
import { ConfigurationError } from '../private-storage.errors.js';

/** For packages that only some apps need, and that are loaded when they are used. @throws ConfigurationError */
export function assertInstalled(name: string, who: string): void {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new ConfigurationError(`${who} needs a package: npm install ${name}`, { cause });
  }
}
