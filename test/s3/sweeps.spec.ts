import { StorageUnavailableError } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { describeWith } from '../programs.js';
import { stage } from '../storage/bytes.js';
import { optionsOf } from './buckets.js';
import { CEPH_PROGRAMS } from './ceph.js';
import { faultyCeph } from './faulty-ceph.js';

describeWith(...CEPH_PROGRAMS)('a sweep', () => {
  const faulty = faultyCeph();

  it('removes what was staged where multipart uploads cannot be listed', async () => {
    const storage = new S3Storage({ ...optionsOf(faulty.ceph), endpoint: faulty.proxy.url });
    await storage.prepare();
    const staged = await stage(storage, 'left');
    faulty.proxy.strike({ kind: 'refuse' }, Infinity, /^GET \S+[?&]uploads/);
    const inAnHour = new Date(Date.now() + 3_600_000);
    await expect(storage.sweep(inAnHour)).rejects.toThrow(StorageUnavailableError);
    faulty.proxy.heal();
    await expect(storage.commit(staged, 'swept.txt')).rejects.toThrow('The staged file is gone');
  });
});
