import { evaluatePreconditions, rangeApplies } from '../../lib/servers/preconditions.js';

const MODIFIED = 'Wed, 01 Jul 2026 12:00:00 GMT';
const EARLIER = 'Wed, 01 Jul 2026 11:59:59 GMT';
const LATER = 'Wed, 01 Jul 2026 12:00:01 GMT';
const file = { etag: '"v1,a"', lastModified: new Date('2026-07-01T12:00:00.789Z') };

describe('RFC 9110 section 13.2.2', () => {
  it.each([
    [undefined, {}],
    // If-Match: strong comparison
    [undefined, { 'if-match': '*' }],
    [undefined, { 'if-match': ' * ' }],
    [undefined, { 'if-match': '"v1,a"' }],
    [undefined, { 'if-match': '"x", "v1,a"' }],
    [undefined, { 'if-match': '"x","v1,a","y"' }],
    [412, { 'if-match': '"x"' }],
    [412, { 'if-match': 'W/"v1,a"' }],
    [412, { 'if-match': '' }],
    [412, { 'if-match': 'v1,a' }],
    [412, { 'if-match': '"v1' }],
    // If-Unmodified-Since, only without If-Match
    [undefined, { 'if-unmodified-since': MODIFIED }],
    [undefined, { 'if-unmodified-since': LATER }],
    [412, { 'if-unmodified-since': EARLIER }],
    [undefined, { 'if-unmodified-since': 'garbage' }],
    [undefined, { 'if-unmodified-since': EARLIER, 'if-match': '"v1,a"' }],
    // If-None-Match: weak comparison
    [304, { 'if-none-match': '*' }],
    [304, { 'if-none-match': '"v1,a"' }],
    [304, { 'if-none-match': 'W/"v1,a"' }],
    [304, { 'if-none-match': 'W/"x" , W/"v1,a"' }],
    [undefined, { 'if-none-match': '"x"' }],
    [undefined, { 'if-none-match': '"*"' }],
    [undefined, { 'if-none-match': '' }],
    // If-Modified-Since, only without If-None-Match
    [304, { 'if-modified-since': MODIFIED }],
    [304, { 'if-modified-since': LATER }],
    [304, { 'if-modified-since': 'Wednesday, 01-Jul-26 12:00:00 GMT' }],
    [304, { 'if-modified-since': 'Wed Jul  1 12:00:00 2026' }],
    [undefined, { 'if-modified-since': EARLIER }],
    [undefined, { 'if-modified-since': '' }],
    [undefined, { 'if-modified-since': 'yesterday' }],
    [undefined, { 'if-modified-since': MODIFIED, 'if-none-match': '"x"' }],
    [304, { 'if-modified-since': EARLIER, 'if-none-match': '"v1,a"' }],
    // their order
    [412, { 'if-match': '"x"', 'if-none-match': '"v1,a"' }],
    [304, { 'if-match': '"v1,a"', 'if-none-match': '"v1,a"' }],
    [412, { 'if-unmodified-since': EARLIER, 'if-none-match': '"v1,a"' }],
    [304, { 'if-unmodified-since': MODIFIED, 'if-modified-since': MODIFIED }],
  ])('%p: %j', (expected, headers) => {
    expect(evaluatePreconditions(headers, file)).toBe(expected);
  });
});

describe('If-Range', () => {
  const now = Date.parse('2026-07-01T13:00:00Z');

  it.each([
    [true, undefined],
    [true, '"v1,a"'],
    [false, 'W/"v1,a"'],
    [false, '"x"'],
    [false, '"v1,a", "x"'],
    [false, '*'],
    [false, ''],
    [true, MODIFIED],
    [true, 'Wednesday, 01-Jul-26 12:00:00 GMT'],
    [false, EARLIER],
    [false, LATER],
  ])('%p: %j', (expected, ifRange) => {
    expect(rangeApplies(ifRange, file, now)).toBe(expected);
  });

  it('does not believe the date of a file that changed within the last second', () => {
    expect(rangeApplies(MODIFIED, file, Date.parse('2026-07-01T12:00:00.999Z'))).toBe(false);
    expect(rangeApplies(MODIFIED, file, Date.parse('2026-07-01T12:00:01.000Z'))).toBe(true);
  });
});
