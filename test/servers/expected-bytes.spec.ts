import { expectedBytes } from '../../lib/servers/expected-bytes.js';

it.each([
  [{}, 'all'],
  [{ 'if-none-match': '"x"' }, 'all'],
  [{ 'if-match': '"x"' }, 'all'],
  [{ range: 'bytes=0-99' }, { start: 0, end: 100 }],
  [{ range: 'bytes=100-' }, { start: 100 }],
  [
    { range: 'bytes=5-5', 'if-range': '"x"' },
    { start: 5, end: 6 },
  ],
  [{ range: 'bytes=-5' }, 'nothing'],
  [{ range: 'bytes=0-1,5-6' }, 'nothing'],
  [{ range: 'bytes=9-5' }, 'nothing'],
  [{ range: 'lines=1-2' }, 'nothing'],
  [{ range: `bytes=${'9'.repeat(30)}-` }, 'nothing'],
])('expects of a GET with %j: %j', (headers, expected) => {
  expect(expectedBytes(headers)).toEqual(expected);
});
