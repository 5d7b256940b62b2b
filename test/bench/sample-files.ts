import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredFile } from 'nestjs-private-storage';

/** Writes a file of random bytes below `root` and returns what an upload of it would have been stored as. */
export function writeSampleFile(root: string, size: number): StoredFile {
  const name = `${size}.pdf`;
  const key = `dossiers/2026/${name}`;
  const bytes = randomBytes(size);
  mkdirSync(join(root, 'dossiers/2026'), { recursive: true });
  writeFileSync(join(root, key), bytes);
  const checksum = createHash('sha256').update(bytes).digest('hex');
  const uploadedAt = new Date().toISOString();
  return {
    storage: 'default',
    key,
    name,
    size,
    contentType: 'application/pdf',
    checksum,
    uploadedAt,
  };
}
