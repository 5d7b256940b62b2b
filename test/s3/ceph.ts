import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../free-port.js';

/** Installed with the Debian packages `radosgw`, `ceph-mon` and `ceph-osd`; for `describeWith()`. */
export const CEPH_PROGRAMS = ['radosgw', 'ceph-mon', 'ceph-osd', 'curl', 'setpriv'];

/** A real S3 of the tests' own, which verifies signatures. It has no bucket yet. */
export interface Ceph {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** A key for SSE-KMS. */
  readonly kmsKeyId: string;
  stop(): Promise<void>;
}

/** Takes some 3 seconds. Everything is in memory; it ends with the process that started it. */
export async function startCeph(): Promise<Ceph> {
  const folder = mkdtempSync(join(tmpdir(), 'ceph-'));
  const [port, monitorPort] = await Promise.all([freePort(), freePort()]);
  const accessKeyId = randomBytes(10).toString('hex').toUpperCase();
  const secretAccessKey = randomBytes(20).toString('hex');
  const kmsKeyId = 'test-key';
  const gateway = spawn(
    'bash',
    [resolve('test/s3/ceph-gateway.sh'), folder, String(port), String(monitorPort)],
    {
      env: {
        PATH: `${process.env.PATH ?? ''}:/usr/sbin`,
        S3_ACCESS_KEY: accessKeyId,
        S3_SECRET_KEY: secretAccessKey,
        S3_KMS_KEY_ID: kmsKeyId,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // Ctrl-C ends the tests; their end ends it
    },
  );
  const errors: Buffer[] = [];
  gateway.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const exited = once(gateway, 'exit');
  await Promise.race([
    once(gateway.stdout, 'data'),
    exited.then(() => Promise.reject(new Error(`Ceph: ${Buffer.concat(errors).toString()}`))),
  ]);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    accessKeyId,
    secretAccessKey,
    kmsKeyId,
    async stop() {
      gateway.stdin.end();
      await exited;
    },
  };
}
