import fc from 'fast-check';
import type { PrivateFileOptions } from '../../lib/entity/private-file-options.js';
import { fileField } from '../../lib/entity/private-file.field.js';
import { uploadKey } from '../../lib/entity/upload-key.js';
import { ConfigurationError, InvalidKeyError } from '../../lib/private-storage.errors.js';
import { parseKey } from '../../lib/storage/keys.js';

const NOW = new Date('2026-05-07T23:30:00Z');

class Dossier {
  customer: unknown = 'Acme';
  id = 7;
}
type Options = PrivateFileOptions<Dossier>;

function keyOf(options: Options, name = 'May report.pdf', dossier = new Dossier()): string {
  const field = fileField('file', 'Dossier.file', options as PrivateFileOptions);
  return uploadKey(field, dossier, name, NOW);
}

describe('uploadKey', () => {
  it.each(['Dr. Smith - HIV result', 'Kündigung Fr. Meier', `a.${'İ'.repeat(99)}`])(
    'takes no part of the name for an extension that a random one keeps: %j',
    (name) => expect(keyOf({ fileName: 'random' }, name)).toMatch(/^[0-9a-f]{32}$/),
  );

  it.each<[string, Options, string]>([
    ['nothing', {}, 'May report.pdf'],
    ['a folder', { uploadTo: 'dossiers' }, 'dossiers/May report.pdf'],
    [
      'a strftime pattern, in UTC',
      { uploadTo: 'dossiers/%Y/%m/%d' },
      'dossiers/2026/05/07/May report.pdf',
    ],
    [
      'a function',
      { uploadTo: ({ id }, name) => `dossiers/${id}/${name}` },
      'dossiers/7/May report.pdf',
    ],
    ['a function without a folder', { uploadTo: () => 'fixed.pdf' }, 'fixed.pdf'],
    [
      'subfolders',
      { uploadSubfolder: ({ customer }) => [String(customer), 'in'] },
      'Acme/in/May report.pdf',
    ],
    [
      'a folder and subfolders',
      { uploadTo: 'dossiers/%Y', uploadSubfolder: () => ['a', 'b'] },
      'dossiers/2026/a/b/May report.pdf',
    ],
    [
      'a function and subfolders',
      { uploadTo: (_, name) => `dossiers/${name}`, uploadSubfolder: () => ['a'] },
      'dossiers/a/May report.pdf',
    ],
    [
      'no subfolders',
      { uploadTo: 'dossiers', uploadSubfolder: () => [] },
      'dossiers/May report.pdf',
    ],
    ['fileName: keep', { fileName: 'keep' }, 'May report.pdf'],
    ['fileName as a function', { fileName: ({ id }, name) => `${id}-${name}` }, '7-May report.pdf'],
    [
      'a fileName that smuggles a folder',
      { uploadTo: 'a', fileName: () => '../../etc/passwd' },
      'a/passwd',
    ],
  ])('%s', (_what, options, expected) => {
    expect(keyOf(options)).toBe(expected);
  });

  it('fileName: random hides the name, keeps the extension, and differs each time', () => {
    const keys = [1, 2].map(() => keyOf({ uploadTo: 'a', fileName: 'random' }, 'Secret.PDF'));
    for (const key of keys) expect(key).toMatch(/^a\/[0-9a-f]{32}\.pdf$/);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\x\\may.pdf', 'may.pdf'],
    ['..', 'file'],
    ['.htaccess', 'htaccess'],
    ['a\0b.pdf', 'ab.pdf'],
    ['', 'file'],
  ])('an uploader who calls a file %j gets %s', (name, expected) => {
    expect(keyOf({ uploadTo: 'dossiers' }, name)).toBe(`dossiers/${expected}`);
  });

  it.each([
    ['a/b', 'a_b'],
    ['../../etc', '_.._etc'],
    ['a\\b', 'a_b'],
    ['/', '_'],
    ['.hidden', 'hidden'],
    ['a\0\n\u202eb', 'ab'],
    ['CON', '_CON'],
  ])('a customer called %j gets the one folder %j', (customer, folder) => {
    const key = keyOf(
      { uploadTo: 'd', uploadSubfolder: (dossier) => [String(dossier.customer)] },
      'x.txt',
      Object.assign(new Dossier(), { customer }),
    );
    expect(key).toBe(`d/${folder}/x.txt`);
  });

  it('whatever the entity and the uploader are called, each is one segment of a valid key', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('.', '/', '\\', '\0', 'a', ' ') }),
    );
    fc.assert(
      fc.property(text, text, (customer, name) => {
        fc.pre(/[^.\s]/.test(customer));
        const key = keyOf({ uploadTo: 'd', uploadSubfolder: () => [customer] }, name);
        expect(parseKey(key)).toBe(key);
        expect(key.split('/')).toHaveLength(3);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, Options, RegExp]>([
    [
      'uploadSubfolder returns a string',
      { uploadSubfolder: () => 'abc' as never },
      /file: uploadSubfolder returns a list of folder names/,
    ],
    ['a subfolder is undefined', { uploadSubfolder: () => [undefined as never] }, /not undefined/],
    ['a subfolder is a number', { uploadSubfolder: () => [7 as never] }, /not number/],
    [
      'uploadTo returns nothing',
      { uploadTo: () => undefined as never },
      /uploadTo returns the whole key: .* not undefined/,
    ],
    [
      'uploadTo returns a folder',
      { uploadTo: () => 'a/' },
      /uploadTo returned a folder; return the whole key/,
    ],
    ['fileName returns nothing', { fileName: () => undefined as never }, /fileName returns a name/],
  ])('throws when %s', (_what, options, sentence) => {
    expect(() => keyOf(options)).toThrow(ConfigurationError);
    expect(() => keyOf(options)).toThrow(sentence);
  });

  it.each(['', ' ', '.', '..', '...'])('makes one folder of the entry %j, too', (entry) => {
    expect(keyOf({ uploadSubfolder: () => [entry], fileName: () => 'a.txt' })).toBe('_/a.txt');
  });

  it.each(['../x', '/etc/x', 'a/../x', 'a//x', 'a\\x'])(
    'what uploadTo returns is not mended: %s stays no key',
    (whole) => {
      expect(() => parseKey(keyOf({ uploadTo: () => whole }))).toThrow(InvalidKeyError);
    },
  );
});
