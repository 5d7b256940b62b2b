import { contentTypeOfName, matchesContentType } from '../../lib/file/content-types.js';

it.each([
  ['may.pdf', 'application/pdf'],
  ['MAY.PDF', 'application/pdf'],
  ['folder.d/photo.jpeg', 'image/jpeg'],
  ['archive.tar.gz', 'application/gzip'],
  ['no extension', 'application/octet-stream'],
  ['html', 'application/octet-stream'],
  ['folder/js', 'application/octet-stream'],
  ['a.unknown-extension', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('contentTypeOfName(%j) is %s', (name, type) => {
  expect(contentTypeOfName(name)).toBe(type);
});

it.each([
  ['application/pdf', ['application/pdf'], true],
  ['image/png', ['application/pdf', 'image/*'], true],
  ['image/svg+xml', ['image/png'], false],
  ['text/plain; charset=utf-8', ['text/plain'], true],
  ['Text/Plain', ['text/plain'], true],
  ['text/plain', ['text/plain; charset=utf-8'], false],
  ['imagex/png', ['image/*'], false],
  ['application/pdfx', ['application/pdf'], false],
  ['application/pdf', [], false],
  ['', ['image/*'], false],
])('matchesContentType(%j, %j) is %s', (type, patterns, expected) => {
  expect(matchesContentType(type, patterns)).toBe(expected);
});
