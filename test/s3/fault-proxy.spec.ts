import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, FaultProxy, type Fault } from './fault-proxy.js';

const BODY = 'x'.repeat(100_000);

describe('the proxy that breaks things', () => {
  let server: Server;
  let proxy: FaultProxy;

  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => response.end(BODY));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await FaultProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    await proxy.stop();
    server.close();
  });

  const ask = async (init: RequestInit = {}): Promise<string> => {
    const response = await fetch(proxy.url, init);
    return `${response.status} ${(await response.text()).length}`;
  };

  it('breaks nothing unasked', async () => {
    expect(await ask({ method: 'PUT', body: BODY })).toBe('200 100000');
  });

  it.each<Fault>([
    { kind: 'reset', of: 'answer', after: 50_000 },
    { kind: 'end', of: 'answer', after: 50_000 },
    { kind: 'reset', of: 'request', after: 50_000 },
    { kind: 'end', of: 'request', after: 0 },
    { kind: 'refuse' },
  ])('breaks one request: %j', async (fault) => {
    proxy.strike(fault, 1);
    await expect(ask({ method: 'PUT', body: BODY })).rejects.toThrow();
    expect(await ask()).toBe('200 100000');
  });

  it('asks for patience, as S3 does', async () => {
    proxy.strike({ kind: 'slow down' }, 1);
    expect(await ask()).toMatch(/^503 /);
    expect(await ask()).toBe('200 100000');
  });

  it('never answers', async () => {
    proxy.strike({ kind: 'black hole' }, 1);
    await expect(ask({ signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
  });

  it('stops in the middle of an answer', async () => {
    proxy.strike({ kind: 'stall', of: 'answer', after: 50_000 }, 1);
    const response = await fetch(proxy.url, { signal: AbortSignal.timeout(500) });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('timeout');
  });

  it('says what it is told to', async () => {
    proxy.strike(answer(404, '<html>'), 1);
    expect(await ask({ method: 'PUT', body: BODY })).toBe('404 6');
    expect(await ask()).toBe('200 100000');
  });

  it('takes its time', async () => {
    proxy.strike({ kind: 'latency', ms: 10 }, 1);
    expect(await ask()).toBe('200 100000');
  });
});
