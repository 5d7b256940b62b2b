import type { S3Client } from '@aws-sdk/client-s3';
import { S3Storage } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { put, readText, stage } from '../storage/bytes.js';
import { clientOf, optionsOf } from './buckets.js';
import { CEPH_PROGRAMS, startCeph, type Ceph } from './ceph.js';
import { withClock } from './our-clock.js';

const HOUR_MS = 60 * 60 * 1000;

describeWith(...CEPH_PROGRAMS)('a clock that was set while the app runs', () => {
  let ceph: Ceph;
  let client: S3Client;
  let storage: S3Storage;

  beforeAll(async () => {
    ceph = await startCeph();
    client = clientOf(ceph);
    const { bucket } = optionsOf(ceph);
    storage = new S3Storage({ bucket, createBucket: true, client, delivery: 'proxy' });
    await storage.prepare();
    await put(storage, 'a.txt', 'content');
  });
  afterAll(async () => {
    client.destroy();
    await ceph.stop();
  });

  const url = () =>
    storage.signedUrl('a.txt', { contentType: 'text/plain', contentDisposition: 'inline' });

  it.each<[string, () => Promise<unknown>, unknown]>([
    ['a HEAD', async () => (await storage.stat('a.txt')).size, 7],
    ['a GET', () => readText(storage, 'a.txt'), 'content'],
    ['a PUT', () => put(storage, 'b.txt', 'content'), 'b.txt'],
    ['a DELETE', () => storage.delete('gone.txt'), undefined],
    [
      'many at once',
      () => Promise.all(Array.from({ length: 20 }, () => storage.exists('a.txt'))),
      Array(20).fill(true),
    ],
  ])('is noticed by %s', async (_name, action, expected) => {
    for (const offset of [HOUR_MS, -HOUR_MS]) {
      client.config.systemClockOffset = offset;
      expect(await action()).toEqual(expected);
      expect(Math.abs(client.config.systemClockOffset)).toBeLessThan(HOUR_MS / 60);
      await storage.delete('b.txt');
    }
  });

  it('has no sweep take what is young by the clock of S3', async () => {
    const staged = await stage(storage, 'young');
    const sweep = () => storage.sweep(new Date(Date.now() - 24 * HOUR_MS));
    expect(await withClock(30 * HOUR_MS, sweep)).toBe(0);
    expect(await storage.commit(staged, 'young.txt')).toBe('young.txt');
  });

  it('does no harm to signed URLs after any request', async () => {
    client.config.systemClockOffset = -10 * 60 * 1000; // still served, but a URL would be out of date at once
    expect((await fetch(await url())).status).toBe(403);
    await storage.stat('a.txt');
    expect((await fetch(await url())).status).toBe(200);
  });

  it('is left alone where the app wants that', async () => {
    const { disableClockSkewCorrection } = client.config;
    client.config.disableClockSkewCorrection = () => Promise.resolve(true);
    client.config.systemClockOffset = 1000;
    await storage.stat('a.txt');
    expect(client.config.systemClockOffset).toBe(1000);
    client.config.disableClockSkewCorrection = disableClockSkewCorrection;
  });
});
