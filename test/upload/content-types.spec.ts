import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { isEverDetected } from '../../lib/file/detected-types.js';
import { detectContentType } from '../../lib/upload/content-type-sniffer.js';
import { cpuTime } from './cpu-time.js';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const EXCEL = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const UNKNOWN = 'application/octet-stream';
const noise = Buffer.from(Array.from({ length: 3000 }, () => `${Math.random()}`).join());

type Entry = [name: string, content: string | Buffer, way?: 'stored' | 'streamed'];

/** The local part of a ZIP archive; stored uncompressed where a format demands it. */
function zip(entries: Entry[]): Buffer {
  return Buffer.concat(
    entries.flatMap(([name, content, way]) => {
      const stored = way === 'stored' || name === 'mimetype';
      const data = stored ? Buffer.from(content) : deflateRawSync(content);
      const sizes = Buffer.alloc(12);
      sizes.writeUInt32LE(typeof crc32 === 'function' ? crc32(content) : 0, 0);
      sizes.writeUInt32LE(data.length, 4);
      sizes.writeUInt32LE(Buffer.byteLength(content), 8);
      const header = Buffer.alloc(30);
      header.writeUInt32LE(0x04034b50, 0);
      header.writeUInt16LE(20, 4);
      header.writeUInt16LE(stored ? 0 : 8, 8);
      header.writeUInt16LE(name.length, 26);
      if (way !== 'streamed') sizes.copy(header, 14);
      else header.writeUInt16LE(8, 6);
      const descriptor = way === 'streamed' ? [Buffer.from('PK\x07\x08'), sizes] : [];
      return [header, Buffer.from(name), data, ...descriptor];
    }),
  );
}

/** Its directory is beyond all of this. */
const tiffWithPixelsFirst = (head: string) =>
  Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(5000)]);

const contentTypes = (type: string) =>
  `<?xml version="1.0"?><Types><Override PartName="/x" ContentType="${type}.main+xml"/></Types>`;

const word = zip([
  ['[Content_Types].xml', contentTypes(WORD)],
  ['word/document.xml', 'x'],
]);
const streamedWord = zip([
  ['[Content_Types].xml', contentTypes(WORD), 'streamed'],
  ['word/document.xml', randomBytes(40_000), 'streamed'],
]);

describe('the type of a file', () => {
  it.each<[string, string, string | Buffer, string]>([
    ['a PDF', 'a.pdf', '%PDF-1.7\n', 'application/pdf'],
    ['a PDF called otherwise', 'a.txt', '%PDF-1.7\n', 'application/pdf'],
    ['a PDF after an empty line', 'a.pdf', '\r\n%PDF-1.7\n', 'application/pdf'],
    ['a PDF with bytes before it', 'a', '\x1B%-12345X@PJL\n%PDF-1.4\n\0', 'application/pdf'],
    ['a PDF that begins too late', 'a.pdf', `${'\0'.repeat(1020)}%PDF-1.4`, UNKNOWN],
    ['a text about PDF', 'a.txt', 'It begins with %PDF-1.4', 'text/plain'],
    ['a PNG with a PDF in it', 'a', Buffer.from(`\x89PNG\r\n\x1A\n\0\0\0\rIHDR%PDF-1.4`, 'latin1'), 'image/png'], // prettier-ignore
    ['a PNG', 'a.pdf', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'image/png'],
    [
      'a TIFF with its pixels first',
      'a.tif',
      tiffWithPixelsFirst('49492a00404b4c00'),
      'image/tiff',
    ],
    ['a TIFF with its pixels first, big-endian', 'a', tiffWithPixelsFirst('4d4d002a004c4b40'), 'image/tiff'], // prettier-ignore
    ['a GIF with a script in it', 'a.gif', 'GIF89a/*<script>alert(1)</script>*/', 'image/gif'],
    ['HTML called PDF', 'a.pdf', '\n <!DOCTYPE html><p>', 'text/html'],
    ['HTML with a PDF in it', 'a.pdf', '<script>/*%PDF-1.7*/</script>', 'text/html'],
    ['HTML with binary in it', 'a.zip', '<html>\0\x01PK\x03\x04', 'text/html'],
    ['HTML after a comment', 'a.txt', '<!-- hello -->\n<b>x', 'text/html'],
    ['HTML in UTF-16', 'a.txt', Buffer.from('\uFEFF<html><script>', 'utf16le'), 'text/html'],
    ['HTML after a byte order mark', 'a.csv', '\uFEFF<iframe src=x>', 'text/html'],
    ['HTML after a comment without end', 'a.png', `<!--${'x'.repeat(5000)}`, 'text/html'],
    ['an SVG', 'a.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    [
      'an SVG called text',
      'a.txt',
      '<?xml version="1.0"?>\n<!-- x --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" [<!ENTITY a "b">]><svg>',
      'image/svg+xml',
    ],
    [
      'an SVG with a prefix',
      'a.xml',
      '<x:svg xmlns:x="http://www.w3.org/2000/svg">',
      'image/svg+xml',
    ],
    [
      'XHTML',
      'a.xml',
      '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">',
      'application/xhtml+xml',
    ],
    ['XML', 'a.txt', '<?xml version="1.0"?><note/>', 'application/xml'],
    ['XML without a declaration', 'a.csv', '<note xmlns="urn:x">', 'application/xml'],
    ['XML called XML', 'a.XML', '<note><to>x</to></note>', 'application/xml'],
    ['a feed called XML', 'a.xml', '<rss version="2.0">', 'application/xml'],
    ['HTML called XML', 'a.xml', '<p>x</p>', 'text/html'],
    ['text called XML', 'a.xml', '1 < 2', 'text/plain'],
    ['tags called text', 'a.txt', '<note><to>x</to></note>', 'text/plain'],
    ['a table', 'a.csv', 'a;b\n1;2\n', 'text/csv'],
    ['a table that begins with two letters of a bitmap', 'cars.csv', 'BMW;3\nMZ;4\n', 'text/csv'],
    ['a table in windows-1252', 'a.csv', Buffer.from('Größe;1', 'latin1'), 'text/csv'],
    ['a text in UTF-16', 'a.txt', Buffer.from('\uFEFFhello', 'utf16le'), 'text/plain'],
    ['JSON', 'a.json', '{"a": 1}', 'application/json'],
    ['Markdown', 'a.md', '# Title', 'text/markdown'],
    ['text of no known kind', 'a.xyz', 'hello', 'text/plain'],
    ['text without a name', 'file', 'hello', 'text/plain'],
    ['text called PDF', 'a.pdf', 'hello', 'text/plain'],
    ['text called SVG', 'a.svg', 'hello', 'text/plain'],
    ['binary called table', 'a.csv', 'a;b\0', UNKNOWN],
    ['binary of no known kind', 'a.pdf', Buffer.from([1, 2, 3, 4]), UNKNOWN],
    ['nothing', 'a.txt', '', 'text/plain'],
    ['nothing called PDF', 'a.pdf', '', 'text/plain'],
    ['RTF', 'a.txt', '{\\rtf1\\ansi', 'application/rtf'],
    ['a ZIP', 'a.docx', zip([['a.txt', noise]]), 'application/zip'],
    [
      'a Word file',
      'a.zip',
      zip([
        ['[Content_Types].xml', contentTypes(WORD)],
        ['word/document.xml', noise],
      ]),
      WORD,
    ],
    [
      'a Word file as LibreOffice writes it',
      'a.zip',
      zip([
        ['_rels/.rels', 'x'],
        ['word/document.xml', noise],
        ['[Content_Types].xml', contentTypes(WORD)],
      ]),
      WORD,
    ],
    [
      'an Excel file',
      'a.zip',
      zip([
        ['docProps/app.xml', 'x'],
        ['xl/workbook.xml', noise],
      ]),
      EXCEL,
    ],
    [
      'a streamed Excel file that names its kind last',
      'a.zip',
      zip([
        ['xl/worksheets/sheet1.xml', noise, 'streamed'],
        ['xl/_rels/workbook.xml.rels', 'x', 'streamed'],
        ['xl/workbook.xml', noise, 'streamed'],
      ]),
      EXCEL,
    ],
    [
      'the beginning of a long Word file',
      'a.zip',
      zip([['word/settings.xml', 'x', 'streamed'], ['word/document.xml', noise, 'streamed']]).subarray(0, 3000), // prettier-ignore
      WORD,
    ],
    [
      'a streamed Word file',
      'a.zip',
      zip([
        ['_rels/.rels', 'x', 'streamed'],
        ['word/document.xml', noise, 'streamed'],
      ]),
      WORD,
    ],
    [
      'a ZIP with a Word file in it',
      'a.zip',
      zip([['report.docx', word, 'stored'], ['b.txt', 'b']]), // prettier-ignore
      'application/zip',
    ],
    [
      'a streamed ZIP with streamed Word files in it',
      'a.zip',
      zip([['a.txt', 'a', 'streamed'], ['report.docx', streamedWord, 'streamed']]), // prettier-ignore
      'application/zip',
    ],
    [
      'a ZIP with folders of its own',
      'a.zip',
      zip([['word/list.txt', 'a'], ['xl/list.txt', 'b']]), // prettier-ignore
      'application/zip',
    ],
    [
      'an OpenDocument text',
      'a.zip',
      zip([
        ['mimetype', 'application/vnd.oasis.opendocument.text'],
        ['content.xml', noise],
      ]),
      'application/vnd.oasis.opendocument.text',
    ],
    [
      'an EPUB',
      'a.zip',
      zip([
        ['mimetype', 'application/epub+zip'],
        ['META-INF/container.xml', noise],
      ]),
      'application/epub+zip',
    ],
    [
      'an old Word file',
      'a.doc',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
      'application/msword',
    ],
    [
      'an old container',
      'a.pdf',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
      'application/x-cfb',
    ],
  ])('is read from the bytes of %s', async (_what, name, bytes, contentType) => {
    expect(await detectContentType(Buffer.from(bytes as string), name)).toBe(contentType);
    expect(isEverDetected(contentType)).toBe(true);
  });

  it.each([
    ['the free lunch'],
    ['1234wide world'],
    ['one moov'],
    ['abcdftypisom'],
    ['PARENT;CHILD'],
    ['MAC ADDRESS;IP'],
    ['GIFT;PRICE'],
    ['FORM 10-K'],
    ['FORMULA,x'],
    ['CWS;FWS'],
    ['FLIFLA'],
    ['8BPS'],
    ['solid waste\nis heavy'],
    ['070707;1'],
    ['%!TEX root = a.tex'],
    ['#!AMR'],
    ['12-lh5-'],
    [`G${'a'.repeat(187)}G`],
    [`${'a'.repeat(128)}DICM`],
  ])('is that of a text which has but a word of something else: %s', async (text) => {
    expect(await detectContentType(Buffer.from(text), 'a.txt')).toBe('text/plain');
    expect(await detectContentType(Buffer.from(`\uFEFF${text};1\n`), 'a.csv')).toBe('text/csv');
  });

  it.each([
    ['application/pdf', '%PDF-1.7\n'],
    ['application/pdf', '%PDF'],
    ['application/postscript', '%!PS-Adobe-3.0\n'],
    ['application/postscript', '%!PS\n/x 1 def'],
    ['application/eps', '%!PS-Adobe-3.0 EPSF-3.0\n'],
    ['application/rtf', '{\\rtf1\\ansi'],
    ['application/pgp-encrypted', '-----BEGIN PGP MESSAGE-----\n'],
    ['application/x-ms-regedit', 'REGEDIT4\r\n'],
    ['text/calendar', 'BEGIN:VCALENDAR\r\n'],
    ['text/vcard', 'BEGIN:VCARD\r\n'],
    ['text/vtt', 'WEBVTT\n'],
    ['model/stl', 'solid cube\r\n  facet normal 0 0 1\r\n'],
    ['image/gif', 'GIF87a;'],
    ['image/gif', 'GIF89a;'],
  ])('is told by the signature of a format that is text itself: %s', async (contentType, text) => {
    expect(await detectContentType(Buffer.from(text), 'a.txt')).toBe(contentType);
    expect(await detectContentType(Buffer.from(`${text}\0`), 'a.txt')).toBe(contentType);
  });

  it('does not depend on where a text is cut', async () => {
    const text = Buffer.from('Größe;€;😀\n'.repeat(9));
    for (let length = 1; length <= text.length; length++) {
      expect(await detectContentType(text.subarray(0, length), 'a.csv')).toBe('text/csv');
    }
  });

  it('is found, or not, in any bytes, and never throws', async () => {
    const heads = fc.oneof(
      fc.uint8Array({ maxLength: 4100 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(`<${text}`)),
    );
    await fc.assert(
      fc.asyncProperty(heads, fc.string(), async (head, name) => {
        const contentType = await detectContentType(head, name);
        expect(contentType).toMatch(/^[a-z]+\/[\w.+-]+$/);
        expect(isEverDetected(contentType)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['comments', '<!--x-->'],
    ['brackets', '<!DOCTYPE ['],
    ['closed brackets', '<!DOCTYPE a[]'],
    ['spaces', ' \n'],
    ['instructions', '<?x?>'],
  ])('is found quickly in nothing but %s', async (_what, unit) => {
    const started = cpuTime();
    await detectContentType(Buffer.from(`<?xml ${unit.repeat(65_536 / unit.length)}`), 'a.xml');
    await detectContentType(Buffer.from(unit.repeat(65_536 / unit.length)), 'a.xml');
    expect(cpuTime() - started).toBeLessThan(1000);
  });
});
