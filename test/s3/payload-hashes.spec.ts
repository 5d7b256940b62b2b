import { S3Client } from '@aws-sdk/client-s3';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { S3Storage } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { read, stage } from '../storage/bytes.js';
import { temporaryFolder } from '../storage/temporary-folder.js';
import { optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';

const MIB = 1024 ** 2;

describeWith('openssl', ...CEPH_PROGRAMS)('an upload', () => {
  const at = temporaryFolder();
  let ceph: Ceph;
  let cert: Buffer;
  let proxies: Record<string, Server>;
  let sent: Buffer[] = [];

  beforeAll(async () => {
    ceph = await startCeph();
  });

  afterAll(() => ceph.stop());

  beforeEach(async () => {
    const key = at('key.pem');
    makeCertificate(key, at('cert.pem'));
    cert = readFileSync(at('cert.pem'));
    const options = { key: readFileSync(key), cert };
    proxies = { http: createServer(relay), https: createTlsServer(options, relay) };
    for (const proxy of Object.values(proxies)) {
      await once(proxy.listen(0, '127.0.0.1'), 'listening');
    }
  });

  afterEach(() => {
    for (const proxy of Object.values(proxies)) proxy.close();
  });

  function relay(client: Socket): void {
    const { hostname, port } = new URL(ceph.endpoint);
    const upstream = connect(Number(port), hostname).on('error', () => client.destroy());
    client.on('data', (chunk: Buffer) => sent.push(chunk)).on('error', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  }

  it.each([
    ['http', 'one request', 'with its hash', MIB, /^[0-9a-f]{64}$/],
    ['http', 'parts', 'with their hashes', 11 * MIB, /^[0-9a-f]{64}$/],
    ['https', 'one request', 'without its hash', MIB, /^UNSIGNED-PAYLOAD$/],
    ['https', 'parts', 'without their hashes', 11 * MIB, /^UNSIGNED-PAYLOAD$/],
  ])(
    'over %s in %s is signed %s, and arrives as it was',
    async (protocol, _how, _with, size, hash) => {
      const { bucket, createBucket, region, credentials } = optionsOf(ceph);
      const httpsAgent = new Agent({ ca: cert });
      const client = new S3Client({
        endpoint: `${protocol}://127.0.0.1:${(proxies[protocol]?.address() as AddressInfo).port}`,
        forcePathStyle: true,
        region: region ?? '',
        credentials,
        requestHandler: { httpsAgent },
      });
      const storage = new S3Storage({ bucket, createBucket, client, delivery: 'proxy' });
      await storage.prepare();
      const content = randomBytes(size);
      sent = [];
      const staged = await stage(storage, content);
      const hashes = payloadHashes(sent);
      expect(hashes.length).toBeGreaterThan(0);
      for (const each of hashes) expect(each).toMatch(hash);
      const key = await storage.commit(staged, 'file.bin');
      expect((await read(storage, key)).equals(content)).toBe(true);
      client.destroy();
    },
  );
});

function makeCertificate(key: string, cert: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'pipe' },
  );
}

/** What the PUTs say of their bodies. */
function payloadHashes(sent: readonly Buffer[]): string[] {
  const heads = Buffer.concat(sent)
    .toString('latin1')
    .match(/^PUT \S+ HTTP\/1\.1\r\n(?:.+\r\n)+/gm);
  return (heads ?? []).map((head) => /^x-amz-content-sha256: (\S+)/im.exec(head)?.[1] ?? '');
}
