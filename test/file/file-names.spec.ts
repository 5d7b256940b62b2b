import fc from 'fast-check';
import { displayName, safeFileName } from '../../lib/file/file-names.js';
import { parseKey, withRandomSuffix } from '../../lib/storage/keys.js';

describe('displayName and safeFileName', () => {
  it.each([
    ['a plain name', 'may.pdf', 'may.pdf', 'may.pdf'],
    [
      'umlauts',
      'Heizölrückstoßabdämpfung.txt',
      'Heizölrückstoßabdämpfung.txt',
      'Heizölrückstoßabdämpfung.txt',
    ],
    ['a decomposed name', 'u\u0308ber.txt', '\u00fcber.txt', '\u00fcber.txt'],
    [
      'what composes once the invisible is gone',
      'u\u200b\u0308ber.txt',
      '\u00fcber.txt',
      '\u00fcber.txt',
    ],
    ['emoji, joined ones too', '👩‍👩‍👧 trip.jpg', '👩‍👩‍👧 trip.jpg', '👩‍👩‍👧 trip.jpg'],
    ['quotes', `"it's" mine.txt`, `"it's" mine.txt`, `_it's_ mine.txt`],
    ['control characters', 'a\r\nb\0c\x7f.txt', 'abc.txt', 'abc.txt'],
    ['a right-to-left override', 'invoice\u202efdp.exe', 'invoicefdp.exe', 'invoicefdp.exe'],
    ['isolates and marks', '\u2066a\u2069\u200f\u061c.txt', 'a.txt', 'a.txt'],
    ['a byte order mark', '\ufeffa.txt', 'a.txt', 'a.txt'],
    ['half a surrogate pair', 'a\ud83d.txt', 'a.txt', 'a.txt'],
    ['a Unix path', '/etc/passwd', 'passwd', 'passwd'],
    ['a Windows path', 'C:\\Users\\me\\may.pdf', 'may.pdf', 'may.pdf'],
    ['a mixed path', 'a/b\\c', 'c', 'c'],
    ['a way up', '../../etc/passwd', 'passwd', 'passwd'],
    ['two dots', '..', 'file', 'file'],
    ['only dots', '....', 'file', 'file'],
    ['a folder', 'folder/', 'file', 'file'],
    ['nothing', '', 'file', 'file'],
    ['spaces', '  \t ', 'file', 'file'],
    ['only the invisible', '\u200b\u202e', 'file', 'file'],
    ['a dotfile', '.htaccess', '.htaccess', 'htaccess'],
    ['an end that Windows drops', 'may.pdf. .', 'may.pdf. .', 'may.pdf'],
    ['a device of Windows', 'CON.txt', 'CON.txt', '_CON.txt'],
    [
      'a device with dots where it is cut',
      `nul${'.'.repeat(17)}${'🙂'.repeat(45)}`,
      `nul${'.'.repeat(17)}${'🙂'.repeat(45)}`,
      '_nul',
    ],
    ['a device without extension', 'nul', 'nul', '_nul'],
    ['a device and a space', 'aux .txt', 'aux .txt', '_aux .txt'],
    ['a device with a superscript', 'COM¹', 'COM¹', '_COM¹'],
    ['what only begins like a device', 'console.txt', 'console.txt', 'console.txt'],
    ['reserved characters', 'a<b>c:d"e|f?g*.txt', 'a<b>c:d"e|f?g*.txt', 'a_b_c_d_e_f_g_.txt'],
    ['a stream of NTFS', 'may.pdf:secret', 'may.pdf:secret', 'may.pdf_secret'],
    [
      '4,000 characters',
      `${'x'.repeat(4_000)}.pdf`,
      `${'x'.repeat(196)}.pdf`,
      `${'x'.repeat(196)}.pdf`,
    ],
    ['4,000 umlauts', `${'ü'.repeat(4_000)}.pdf`, `${'ü'.repeat(98)}.pdf`, `${'ü'.repeat(98)}.pdf`],
    ['an endless extension', `a.${'x'.repeat(4_000)}`, 'a', 'a'],
    ['a cut before a space', `${'x'.repeat(199)} y`, 'x'.repeat(199), 'x'.repeat(199)],
  ])('%s', (_what, raw, display, safe) => {
    expect(displayName(raw)).toBe(display);
    expect(safeFileName(raw)).toBe(safe);
  });
});

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom(
      '.',
      '/',
      '\\',
      ' ',
      '\0',
      'con',
      'ü',
      'u',
      '\u0308',
      '\u200b',
      '😀',
      '\ud800',
      ':',
      'x'.repeat(99),
    ),
    maxLength: 12,
  }),
  fc.stringMatching(/^(con|nul|aux)\.[a-z]{180,210}$/),
);

it.each([displayName, safeFileName])('%p is idempotent, short and in NFC', (clean) => {
  fc.assert(
    fc.property(anyName, (raw) => {
      const name = clean(raw);
      expect(clean(name)).toBe(name);
      expect(name.normalize('NFC')).toBe(name);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(name).toMatch(/^[^/\\\p{Cc}\p{Cs}]+$/u);
    }),
    { numRuns: 2_000 },
  );
});

it('safeFileName always yields a segment of a key, that can get a suffix', () => {
  fc.assert(
    fc.property(anyName, (raw) => {
      const name = safeFileName(raw);
      expect(parseKey(`folder/${name}`)).toBe(`folder/${name}`);
      expect(() => parseKey(withRandomSuffix(name))).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});
