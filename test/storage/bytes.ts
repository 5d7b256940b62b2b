import type { FileStorage, StagedBytes } from '../../lib/storage/file-storage.js';

export async function* bytesOf(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

export function put(
  storage: FileStorage,
  key: string,
  content: string | Uint8Array,
): Promise<string> {
  return storage.put(key, bytesOf(content));
}

export function stage(storage: FileStorage, content: string | Uint8Array): Promise<StagedBytes> {
  return storage.stage(bytesOf(content));
}

export async function read(storage: FileStorage, key: string): Promise<Buffer> {
  const opened = await storage.open(key);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of opened.read(0, opened.stat.size)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } finally {
    await opened.close();
  }
}

export async function readText(storage: FileStorage, key: string): Promise<string> {
  return (await read(storage, key)).toString();
}
