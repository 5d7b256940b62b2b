import { parse } from 'content-disposition';
import fc from 'fast-check';
import { validateHeaderValue } from 'node:http';
import { displayName } from '../../lib/file/file-names.js';
import { contentTypeHeader, dispositionHeader } from '../../lib/servers/file-headers.js';

it.each([
  ['report.pdf', 'attachment; filename="report.pdf"'],
  ['my report (1).pdf', 'attachment; filename="my report (1).pdf"'],
  [
    'Heizölrückstoßabdämpfung.txt',
    `attachment; filename="Heizolrucksto_abdampfung.txt"; filename*=UTF-8''Heiz%C3%B6lr%C3%BCcksto%C3%9Fabd%C3%A4mpfung.txt`,
  ],
  ['a"b.txt', `attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt`],
  ['100%41.txt', `attachment; filename="100_41.txt"; filename*=UTF-8''100%2541.txt`],
  ['😀.png', `attachment; filename="_.png"; filename*=UTF-8''%F0%9F%98%80.png`],
  ['报告.pdf', `attachment; filename="__.pdf"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf`],
  ['gpj.\u202Eexe', 'attachment; filename="gpj.exe"'],
  ['a\r\nSet-Cookie: x=1', 'attachment; filename="aSet-Cookie: x=1"'],
  ['../../etc/passwd', 'attachment; filename="passwd"'],
  ['C:\\temp\\a.txt', 'attachment; filename="a.txt"'],
  ['a;b=c.txt', 'attachment; filename="a;b=c.txt"'],
  ['half\uD800.txt', 'attachment; filename="half.txt"'],
  ['', 'attachment; filename="file"'],
  ['\u0301', `attachment; filename="file"; filename*=UTF-8''%CC%81`],
  ['‥', `attachment; filename="file"; filename*=UTF-8''%E2%80%A5`],
])('names %j', (name, header) => {
  expect(dispositionHeader('attachment', name)).toBe(header);
});

it('is a header in ASCII for any name, from which the name can be read', () => {
  const name = fc.string({ unit: 'binary', maxLength: 4000 });
  fc.assert(
    fc.property(name, fc.constantFrom('inline' as const, 'attachment' as const), (text, type) => {
      const header = dispositionHeader(type, text);
      expect(header).toMatch(/^[\x20-\x7e]{1,2000}$/);
      validateHeaderValue('Content-Disposition', header);
      const parsed = parse(header);
      expect(parsed.type).toBe(type);
      expect(parsed.parameters.filename).toBe(displayName(text));
    }),
  );
});

it.each([
  ['text/plain', 'text/plain; charset=utf-8'],
  ['text/csv', 'text/csv; charset=utf-8'],
  ['text/plain; charset=iso-8859-1', 'text/plain; charset=iso-8859-1'],
  ['application/json', 'application/json'],
  ['text/javascript', 'text/plain; charset=utf-8'],
  ['text/javascript; charset=utf-8', 'text/plain; charset=utf-8'],
  ['application/x-javascript', 'text/plain; charset=utf-8'],
  ['Text/JavaScript1.5 ;x=y', 'text/plain; charset=utf-8'],
  ['application/ecmascript', 'text/plain; charset=utf-8'],
  ['text/jscript', 'text/plain; charset=utf-8'],
  ['text/livescript', 'text/plain; charset=utf-8'],
  ['text/css', 'text/plain; charset=utf-8'],
  ['application/x-javascript-archive', 'application/x-javascript-archive'],
  ['image/svg+xml', 'image/svg+xml'],
  ['application/vnd.ms-excel', 'application/vnd.ms-excel'],
  ['text/plain\r\nX-Evil: 1', 'application/octet-stream'],
  ['text/ümlaut', 'application/octet-stream'],
  ['no type', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('says of %j that it is %j', (contentType, header) => {
  expect(contentTypeHeader(contentType)).toBe(header);
});
