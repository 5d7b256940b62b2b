import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { StoredFile } from 'nestjs-private-storage';
import type { Ceph } from '../s3/ceph.js';
import type { Contestant } from './corner.js';
import type { Goal } from './download-rows.js';
import { S3_DOWNLOAD_ROWS, S3_UPLOAD_ROWS, type S3Row } from './s3-rows.js';
import { writeSampleFile } from './sample-files.js';
import { AUTHORIZATION } from './servers/guards.js';
import { clientConfig, s3Environment, type S3Settings } from './servers/s3-settings.js';
import { ADAPTERS, environmentOf, type Adapter } from './servers/settings.js';
import { uploadRequest } from './upload-body.js';

/** One line of the table. */
export interface S3Duel {
  readonly row: S3Row;
  readonly adapter: Adapter;
  readonly ours: Contestant;
  readonly theirs: Contestant;
  readonly goal?: Goal;
}

const BUCKET = 'bench';

/** Puts files into Ceph and lists who is measured against whom on top of it. */
export async function s3Duels(folder: string, ceph: Ceph): Promise<S3Duel[]> {
  const settings: S3Settings = { ...ceph, bucket: BUCKET };
  const root = join(folder, 's3');
  const client = new S3Client(clientConfig(settings));
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const files = S3_DOWNLOAD_ROWS.map(({ bytes }) => writeSampleFile(root, bytes));
  for (const file of files) await store(client, root, file);

  const server = (program: string, adapter: Adapter, rival?: S3Settings['rival']) => ({
    command: process.execPath,
    args: [fileURLToPath(new URL(`./servers/s3-${program}.js`, import.meta.url))],
    env: { ...environmentOf({ adapter, root, files }), ...s3Environment({ ...settings, rival }) },
  });
  const asking = (path: string) => () =>
    Promise.resolve({ path, headers: { Authorization: AUTHORIZATION } });
  const downloads = S3_DOWNLOAD_ROWS.flatMap((row) =>
    ADAPTERS.map((adapter): S3Duel => ({
      row,
      adapter,
      ours: {
        name: 's3 download',
        server: server('library', adapter),
        request: asking(`/dossiers/${row.bytes}.pdf/file`),
      },
      theirs: {
        name: 'GetObject',
        server: server('get-object', adapter),
        request: asking(`/files/${row.bytes}.pdf`),
      },
      goal: row.goal,
    })),
  );

  const tidy = () => removeUploads(client);
  const uploads = S3_UPLOAD_ROWS.flatMap((row) =>
    ADAPTERS.flatMap((adapter) =>
      row.rivals.map(({ name, goal }): S3Duel => {
        const request = () => Promise.resolve(uploadRequest(row.bytes));
        return {
          row,
          adapter,
          ours: { name: 's3 upload', server: server('library', adapter), request, tidy },
          theirs: { name, server: server('upload', adapter, name), request, tidy },
          goal,
        };
      }),
    ),
  );
  return [...downloads, ...uploads];
}

async function store(client: S3Client, root: string, { key, size }: StoredFile): Promise<void> {
  const Body = createReadStream(join(root, key));
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body, ContentLength: size }));
}

/** Ceph has them in memory. */
async function removeUploads(client: S3Client): Promise<void> {
  for (const Prefix of ['uploads/', '.staging/']) {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix }),
    );
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length === 0) continue;
    await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
  }
}
