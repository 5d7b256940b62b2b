import fc from 'fast-check';
import { parseHttpDate } from '../../lib/servers/http-date.js';

const NOW = Date.UTC(2026, 10, 23);

it.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
  ['Wed Nov 16 08:49:37 1994', '1994-11-16T08:49:37.000Z'],
  ['Thursday, 01-Jan-26 00:00:00 GMT', '2026-01-01T00:00:00.000Z'],
  ['Friday, 01-Jan-76 00:00:00 GMT', '2076-01-01T00:00:00.000Z'],
  ['Saturday, 01-Jan-77 00:00:00 GMT', '1977-01-01T00:00:00.000Z'],
  ['Thu, 29 Feb 2024 00:00:00 GMT', '2024-02-29T00:00:00.000Z'],
  ['Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
])('reads %j', (text, iso) => {
  expect(new Date(parseHttpDate(text, NOW)!).toISOString()).toBe(iso);
});

it.each([
  '',
  '0',
  'now',
  '1994-11-06T08:49:37Z',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sun, 06 Nov 1994 08:49:37 GMT; length=3',
  'Sun, 06 nov 1994 08:49:37 GMT',
  'Sun, 06 Foo 1994 08:49:37 GMT',
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 00 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  '06 Nov 1994 08:49:37 GMT',
])('takes %j for no date', (text) => {
  expect(parseHttpDate(text, NOW)).toBeUndefined();
});

it('reads back every date that is sent', () => {
  const seconds = fc.integer({ min: 0, max: 200_000_000_000 });
  fc.assert(
    fc.property(seconds, (time) => {
      expect(parseHttpDate(new Date(time * 1000).toUTCString())).toBe(time * 1000);
    }),
  );
});
