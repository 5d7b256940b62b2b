import { byteCount } from '../../lib/entity/option-checks.js';
import { fileField, imageField } from '../../lib/entity/private-file.field.js';
import { ConfigurationError } from '../../lib/private-storage.errors.js';

const refuse =
  (kind: typeof fileField, options: object): (() => unknown) =>
  () =>
    kind('file', 'Dossier.file', options);

describe('options of @PrivateFile()', () => {
  it('have defaults', () => {
    expect(fileField('file', 'Dossier.file', {})).toEqual({
      property: 'file',
      storage: 'default',
      uploadTo: '',
      uploadSubfolder: expect.any(Function),
      contentTypes: undefined,
      maxFileSize: undefined,
      fileName: 'keep',
      guards: [],
    });
  });

  it.each([
    ['an unknown option', { maxSize: 1 }, /unknown option "maxSize"; there are: storage, uploadTo/],
    ['an option of images', { maxWidth: 1 }, /unknown option "maxWidth"/],
    ['an option of objects', { toString: (): string => '' }, /unknown option "toString"/],
    ['an empty storage', { storage: '' }, /storage is a non-empty string/],
    [
      'an absolute uploadTo',
      { uploadTo: '/dossiers' },
      /uploadTo is a function, or a folder such as "dossiers\/%Y\/%m"/,
    ],
    [
      'an uploadTo with a slash at its end',
      { uploadTo: 'dossiers/' },
      /a slash at its end, not "dossiers\/"/,
    ],
    ['an uploadTo that leads up', { uploadTo: 'a/../..' }, /uploadTo is/],
    ['an uploadTo with a line break', { uploadTo: 'dossiers/%n' }, /uploadTo is/],
    ['an uploadTo with a tab', { uploadTo: 'dossiers/%t' }, /uploadTo is/],
    ['a hidden uploadTo', { uploadTo: '.staging' }, /uploadTo is/],
    ['an uploadTo with a backslash', { uploadTo: 'a\\b' }, /uploadTo is/],
    ['an uploadTo that is a number', { uploadTo: 7 }, /uploadTo is/],
    [
      'an uploadSubfolder that is a string',
      { uploadSubfolder: 'x' },
      /uploadSubfolder is a function that returns a list of folders/,
    ],
    [
      'contentTypes that are a string',
      { contentTypes: 'application/pdf' },
      /contentTypes is a list such as/,
    ],
    [
      'no contentTypes',
      { contentTypes: [] },
      /contentTypes is a list such as .* leave it out to take every type/,
    ],
    [
      'an extension for a media type',
      { contentTypes: ['.pdf'] },
      /contentTypes has ".pdf", which is no media type/,
    ],
    ['every type', { contentTypes: ['*/*'] }, /contentTypes has "\*\/\*"/],
    ['a type in capitals', { contentTypes: ['Image/PNG'] }, /contentTypes has "Image\/PNG"/],
    ...['image/jpg', 'text/xml', 'application/x-pdf', 'img/*'].map(
      (type): [string, object, RegExp] => [
        `a type that is never detected, ${type}`,
        { contentTypes: ['application/pdf', type] },
        /contentTypes has ".*", a type that no file is ever found to be of; .* such as "image\/jpeg"/,
      ],
    ),
    [
      'a size that is no number',
      { maxFileSize: '20 megs' },
      /maxFileSize is a number of bytes or text such as "20mb", not "20 megs"/,
    ],
    ['a negative size', { maxFileSize: -1 }, /maxFileSize is/],
    ['half a byte', { maxFileSize: 0.5 }, /maxFileSize is/],
    ['an unknown fileName', { fileName: 'uuid' }, /fileName is 'keep', 'random' or a function/],
    ['a guard that is no class', { guards: [{}] }, /guards is a list of guard classes/],
  ])('%s is refused with a sentence that names the property', (_what, options, sentence) => {
    expect(refuse(fileField, options)).toThrow(ConfigurationError);
    expect(refuse(fileField, options)).toThrow(sentence);
    expect(refuse(fileField, options)).toThrow(/^Dossier\.file: /);
  });
});

describe('options of @PrivateImage()', () => {
  it('have defaults: images only, at most 50 million pixels', () => {
    expect(imageField('photo', 'Photo.photo', { contentTypes: undefined })).toMatchObject({
      contentTypes: ['image/*'],
      image: { maxWidth: Infinity, maxHeight: Infinity, maxPixels: 50_000_000 },
    });
  });

  it.each([
    ['no width', { maxWidth: 0 }, /maxWidth is a number of pixels above 0/],
    ['a width that is text', { maxWidth: '100' }, /maxWidth is a number/],
    ['pixels that are no number', { maxPixels: NaN }, /maxPixels is a number/],
    ['a field that is no name', { widthField: 7 }, /widthField is a non-empty string/],
    [
      'types that are no images',
      { contentTypes: ['image/png', 'application/pdf'] },
      /contentTypes of @PrivateImage\(\) has images only/,
    ],
  ])('%s is refused with a sentence', (_what, options, sentence) => {
    expect(refuse(imageField, options)).toThrow(ConfigurationError);
    expect(refuse(imageField, options)).toThrow(sentence);
  });
});

it.each([
  [20, 20],
  [0, 0],
  ['20mb', 20 * 1024 * 1024],
  ['1.5 KB', 1536],
  ['20971520', 20971520],
  ['20xyz', undefined],
  ['', undefined],
  ['-1mb', undefined],
  [null, undefined],
])('byteCount(%j) is %s', (value, expected) => {
  expect(byteCount(value)).toBe(expected);
});
