import { posix, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { InvalidKeyError } from '../../lib/private-storage.errors.js';
import { parseKey, withRandomSuffix } from '../../lib/storage/keys.js';
import { truncateBytes } from '../../lib/storage/truncate-bytes.js';
import { pathOf } from '../../lib/storage/local-path.js';

const SEGMENT_BYTES = 255;

const keyText = fc.string({
  unit: fc.constantFrom(
    'a',
    '.',
    '..',
    '/',
    '\\',
    '\0',
    '%2e',
    '%2f',
    ' ',
    'ü',
    '😀',
    '\u202e',
    '\ud800',
    ':',
    '~',
  ),
  maxLength: 12,
});
const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
  .map((text) =>
    truncateBytes(text.replace(/[\p{Cc}\p{Cs}\\/]/gu, '_').replace(/^\./, '_'), SEGMENT_BYTES),
  )
  .filter((text) => text !== '');
const key = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((text) => Buffer.byteLength(posix.dirname(text)) <= 768);

describe('parseKey', () => {
  it.each([
    'a',
    'reports/2026/may.pdf',
    'no extension',
    'a..b',
    'a.',
    '%2e%2e/%2f',
    'C:',
    '~root',
    'Heizölrückstoßabdämpfung.txt',
    '😀',
    'x'.repeat(255),
    `${'x'.repeat(255)}/${'x'.repeat(255)}/${'x'.repeat(255)}/${'y'.repeat(255)}`,
  ])('takes %j as it is', (value) => {
    expect(parseKey(value)).toBe(value);
  });

  it.each([
    ['nothing', ''],
    ['no string', undefined],
    ['a list', ['a']],
    ['an object that turns into a key', { toString: (): string => 'a' }],
    ['a dot', '.'],
    ['two dots', '..'],
    ['a way up', '../x'],
    ['a way up inside', 'a/../x'],
    ['a way up at the end', 'a/..'],
    ['a second spelling', './a'],
    ['a second spelling inside', 'a/./b'],
    ['an absolute path', '/etc/passwd'],
    ['two slashes', 'a//b'],
    ['a slash at the end', 'a/'],
    ['a backslash', '..\\x'],
    ['a UNC path', '\\\\server\\share'],
    ['a NUL', 'a\0.pdf'],
    ['a line break', 'a\nb'],
    ['DEL', 'a\x7f'],
    ['a C1 control', 'a\x85'],
    ['half a surrogate pair', 'a\ud800'],
    ['a dotfile', '.htaccess'],
    ['a dotfile in a folder', 'a/.git/config'],
    ['the staging area', '.staging/0'],
    ['256 bytes in a segment', `${'ü'.repeat(127)}xx`],
    ['769 bytes in folders', `${'x'.repeat(255)}/${'x'.repeat(255)}/${'x'.repeat(255)}/x/y`],
    ['5,000 characters', 'x/'.repeat(2_500) + 'x'],
    ['5,000,000 characters', 'x'.repeat(5_000_000)],
  ])('refuses %s', (_what, value) => {
    expect(() => parseKey(value)).toThrow(InvalidKeyError);
  });

  it('never takes what leads out of the root or into the staging area, nor a second spelling', () => {
    const root = resolve('/srv/private');
    fc.assert(
      fc.property(fc.oneof(keyText, fc.string({ unit: 'binary' })), (text) => {
        if (!isKey(text)) return;
        const path = pathOf(root, text);
        expect(path).toBe(root + sep + text.split('/').join(sep));
        expect(resolve(path)).toBe(path);
        expect(path.startsWith(resolve(root, '.staging'))).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes every key that is made of good segments', () => {
    fc.assert(fc.property(key, (text) => parseKey(text) === text));
  });
});

describe('withRandomSuffix', () => {
  it.each([
    ['may.pdf', /^may_[\w-]{8}\.pdf$/],
    ['a/b/archive.tar.gz', /^a\/b\/archive\.tar_[\w-]{8}\.gz$/],
    ['no extension', /^no extension_[\w-]{8}$/],
    [`${'x'.repeat(251)}.pdf`, /^x{242}_[\w-]{8}\.pdf$/],
    [`a.${'e'.repeat(253)}`, /^_[\w-]{8}\.e{245}$/],
  ])('keeps to its length, row %#', (given, expected) => {
    expect(withRandomSuffix(given)).toMatch(expected);
  });

  it.each([
    ['folder/report of may.pdf', 24, /^folder\/repo_[\w-]{8}\.pdf$/],
    ['report of may.pdf', 17, /^repo_[\w-]{8}\.pdf$/],
    ['Heizöl.pdf', 15, /^He_[\w-]{8}\.pdf$/],
    ['Heizöl.pdf', 18, /^Heiz_[\w-]{8}\.pdf$/],
  ])('keeps to what a storage takes: %s in %d bytes', (given, maxBytes, expected) => {
    const other = withRandomSuffix(given, maxBytes);
    expect(other).toMatch(expected);
    expect(Buffer.byteLength(other)).toBeLessThanOrEqual(maxBytes);
  });

  it('always yields another valid key in the same folder, and keeps the extension', () => {
    fc.assert(
      fc.property(key, (text) => {
        const other = withRandomSuffix(text);
        expect(parseKey(other)).toBe(other);
        expect(other).not.toBe(text);
        expect(posix.dirname(other)).toBe(posix.dirname(text));
        const extension = posix.extname(text);
        if (Buffer.byteLength(extension) < 240) expect(posix.extname(other)).toBe(extension);
      }),
    );
  });
});

function isKey(value: unknown): boolean {
  try {
    parseKey(value);
    return true;
  } catch {
    return false;
  }
}
