import { S3Client } from '@aws-sdk/client-s3';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  request,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { Agent, createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { S3Storage } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { read, stage } from '../storage/bytes.js';
import { temporaryFolder } from '../storage/temporary-folder.js';
import { optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

const MIB = 1024 ** 2;
const HASH = /^[0-9a-f]{64}$/;
const NONE = /^UNSIGNED-PAYLOAD$/;

describeWith('openssl', ...CEPH_PROGRAMS)('what is sent to S3', () => {
  const at = temporaryFolder();
  let ceph: Ceph;
  let isStrict: boolean;
  let hashes: unknown[];

  beforeAll(async () => {
    ceph = await startCeph();
  });

  afterAll(() => ceph.stop());

  /** Stands before Ceph, and is as strict as a policy of a bucket can be. */
  function relay(asked: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, headers } = asked;
    const hash = headers['x-amz-content-sha256'];
    if (method === 'PUT' && headers['x-amz-copy-source'] === undefined) hashes.push(hash);
    if (isStrict && hash === 'UNSIGNED-PAYLOAD') {
      asked.resume().on('end', () => {
        response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
      });
      return;
    }
    const { hostname, port } = new URL(ceph.endpoint);
    const forwarded = request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    asked.pipe(forwarded);
  }

  function certificate(): { key: Buffer; cert: Buffer } {
    const [key, cert] = [at('key.pem'), at('cert.pem')];
    const what = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const args = ['req', '-x509', ...curve, ...what, '-keyout', key, '-out', cert];
    execFileSync('openssl', args, { stdio: 'pipe' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  }

  it.each([
    ['http', 'any bucket', MIB, 1, HASH],
    ['http', 'any bucket', 11 * MIB, 3, HASH],
    ['https', 'any bucket', MIB, 1, NONE],
    ['https', 'any bucket', 11 * MIB, 3, NONE],
    ['https', 'a bucket that wants hashes', MIB, 1, HASH],
    ['https', 'a bucket that wants hashes', 11 * MIB, 3, HASH],
  ])(
    'over %s, to %s, of %d bytes: %d bodies with %s',
    async (protocol, bucketKind, size, count, hash) => {
      isStrict = bucketKind === 'a bucket that wants hashes';
      hashes = [];
      const { key, cert } = certificate();
      const isTls = protocol === 'https';
      const server = isTls ? createHttpsServer({ key, cert }, relay) : createHttpServer(relay);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { bucket, createBucket, region, credentials } = optionsOf(ceph);
      const client = new S3Client({
        endpoint: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`,
        forcePathStyle: true,
        region: region ?? '',
        credentials,
        requestHandler: { httpsAgent: new Agent({ ca: cert }) },
      });
      const storage = new S3Storage({ bucket, createBucket, client, delivery: 'proxy' });
      try {
        await storage.prepare();
        const content = randomBytes(size);
        hashes = [];
        const staged = await stage(storage, content);
        expect(hashes).toHaveLength(count);
        for (const each of hashes) expect(each).toMatch(hash);
        const stored = await storage.commit(staged, 'file.bin');
        expect((await read(storage, stored)).equals(content)).toBe(true);
      } finally {
        client.destroy();
        server.close();
      }
    },
  );
});
