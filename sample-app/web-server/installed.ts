import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { WebServer } from './web-server.js';

/** Where the program is. @throws Error that says which packages to install. */
export function installed({ program, module = '/', packages }: WebServer): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, program)).find(isThere(constants.X_OK));
  if (found !== undefined && isThere(constants.R_OK)(module)) return found;
  throw new Error(
    `${found === undefined ? program : module} is not installed; on Debian: apt-get install ${packages}`,
  );
}

function isThere(mode: number): (path: string) => boolean {
  return (path) => {
    try {
      accessSync(path, mode);
      return true;
    } catch {
      return false;
    }
  };
}
