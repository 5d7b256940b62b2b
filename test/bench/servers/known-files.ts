import { join } from 'node:path';
import { NotFoundException } from '@nestjs/common';
import type { ServerSettings } from './settings.js';

export interface KnownFile {
  readonly key: string;
  readonly path: string;
  readonly contentType: string;
  readonly disposition: string;
}

/** The rivals' database: finds a file by the id in the URL. */
export function knownFiles({ root, files }: ServerSettings): (id: string) => KnownFile {
  const known = new Map<string, KnownFile>();
  for (const { key, name, contentType } of files) {
    const disposition = `attachment; filename="${name}"`;
    known.set(name, { key, path: join(root, key), contentType, disposition });
  }
  return (id) => {
    const file = known.get(id);
    if (!file) throw new NotFoundException();
    return file;
  };
}
