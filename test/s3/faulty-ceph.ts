import { startCeph, type Ceph } from './ceph.js';
import { FaultProxy } from './fault-proxy.js';

/** A gateway, and a proxy before it that is sound again after each test. */
interface FaultyCeph {
  readonly ceph: Ceph;
  readonly proxy: FaultProxy;
}

/** Starts them for the tests of the `describe` that calls this. */
export function faultyCeph(): FaultyCeph {
  let ceph: Ceph;
  let proxy: FaultProxy;
  beforeAll(async () => {
    ceph = await startCeph();
    proxy = await FaultProxy.start(ceph.endpoint);
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    await proxy.stop();
    await ceph.stop();
  });
  return {
    get ceph() {
      return ceph;
    },
    get proxy() {
      return proxy;
    },
  };
}
