import fc from 'fast-check';
import { fileHeaders, guardingHeaders } from '../../lib/servers/file-headers.js';
import { bodyLength, fileResponse } from '../../lib/servers/file-response.js';

const served = {
  headers: fileHeaders({
    contentType: 'text/plain',
    disposition: 'inline',
    fileName: 'a.txt',
    cacheControl: 'private',
  }),
  guardingHeaders: guardingHeaders('private'),
};
const fileOf = (size: number) => ({
  size,
  etag: '"e"',
  lastModified: new Date('2026-07-01T12:00:00Z'),
  served,
});

it('never dates a file in the future', () => {
  const now = Date.parse('2026-07-01T11:00:00.500Z');
  const { headers: sent } = fileResponse({ isHead: false, headers: {} }, fileOf(1), now);
  expect(sent['Last-Modified']).toBe('Wed, 01 Jul 2026 11:00:00 GMT');
  expect(sent.Date).toBe('Wed, 01 Jul 2026 11:00:00 GMT');
});

it.each([
  [304, { 'if-none-match': '*' }, undefined],
  [412, { 'if-match': '"x"' }, 0],
  [416, { range: 'bytes=100-' }, 0],
])('describes no content in a %d', (status, asked, length) => {
  const answer = fileResponse({ isHead: false, headers: asked }, fileOf(100));
  expect(answer).toMatchObject({
    status,
    body: [],
    headers: { ETag: '"e"', 'Cache-Control': 'private' },
  });
  expect(answer.headers['Content-Type']).toBeUndefined();
  expect(answer.headers['Content-Disposition']).toBeUndefined();
  expect(answer.headers['Content-Length']).toBe(length);
});

it('says in a 304 what a cache needs, and what keeps the file harmless', () => {
  const answer = fileResponse({ isHead: false, headers: { 'if-none-match': '"e"' } }, fileOf(100));
  expect(answer.headers).toEqual({
    ETag: '"e"',
    'Cache-Control': 'private',
    'Content-Security-Policy': 'sandbox',
    'X-Content-Type-Options': 'nosniff',
  });
});

it('answers a HEAD with the headers of a GET, to which Range means nothing', () => {
  const conditions = fc.record(
    {
      'if-match': fc.constantFrom('"e"', '"x"', '*'),
      'if-none-match': fc.constantFrom('"e"', '"x"', '*'),
      'if-modified-since': fc.constantFrom(
        'Wed, 01 Jul 2026 12:00:00 GMT',
        'Wed, 01 Jul 2020 12:00:00 GMT',
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(conditions, fc.nat(1000), (asked, size) => {
      const get = fileResponse({ isHead: false, headers: asked }, fileOf(size));
      const head = fileResponse(
        { isHead: true, headers: { ...asked, range: 'bytes=0-1,5-6' } },
        fileOf(size),
      );
      expect(head).toEqual({ ...get, body: [] });
    }),
  );
});

it('announces what it sends, and never sends more bytes than the file has', () => {
  const range = fc
    .tuple(fc.nat(3000), fc.nat(3000))
    .map(([start, length]) => `${start}-${start + length}`);
  const ranges = fc
    .array(range, { minLength: 1, maxLength: 60 })
    .map((all) => `bytes=${all.join()}`);
  fc.assert(
    fc.property(ranges, fc.nat(3000), (header, size) => {
      const answer = fileResponse({ isHead: false, headers: { range: header } }, fileOf(size));
      expect(answer.headers['Content-Length']).toBe(bodyLength(answer.body));
      expect(bodyLength(answer.body)).toBeLessThanOrEqual(size);
    }),
  );
});
