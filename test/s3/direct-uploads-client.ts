import type { DirectUpload, S3Storage } from 'nestjs-private-storage/s3';

/** What a browser does. */
export async function send({ url, fields }: DirectUpload, bytes: Buffer): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]), 'whatever');
  const response = await fetch(url, { method: 'POST', body: form });
  await response.arrayBuffer();
  return response;
}

/** What a storage has under a key. */
export async function read(storage: S3Storage, key: string): Promise<Buffer> {
  const opened = await storage.open(key);
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.read(0, opened.stat.size)) chunks.push(chunk);
  await opened.close();
  return Buffer.concat(chunks);
}
