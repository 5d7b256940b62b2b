/** What an entry of a ZIP file begins with; its name comes behind a header of fixed size (APPNOTE 4.3.7). */
const ENTRY = 'PK\x03\x04';
const ENTRY_HEADER_BYTES = 30;
/** Said where ZIP64 keeps the size elsewhere: the next entry has to be looked for. */
const NO_SIZE = 0xffffffff;
/** The flag by which a program that streams puts the size behind the data, into a descriptor (4.3.9). */
const SIZE_COMES_LATER = 1 << 3;
const DESCRIPTOR = 'PK\x07\x08';

/** What an Office file has beside or in the folder of its kind, and hardly any other ZIP (ISO/IEC 29500-2). */
const PACKAGE_PARTS = [
  /^\[Content_Types\]\.xml$/,
  /^docProps\//,
  /^(?:(?:word|xl|ppt)\/(?:.+\/)?)?_rels\//,
  /^(?:word|xl|ppt)\/(?:document|workbook|presentation|settings|styles)\.xml$/,
];
const FOLDER = /^(word|xl|ppt)\//;
const TYPES: Partial<Record<string, string>> = {
  word: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xl: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

/**
 * The type of an Office file whose entry that names it comes too late to be seen: its other entries give it away.
 * Undefined for another ZIP.
 */
export function officeType(zip: Buffer): string | undefined {
  const names = [...entryNames(zip)];
  if (!names.some((name) => PACKAGE_PARTS.some((part) => part.test(name)))) return undefined;
  const folder = names.map((name) => FOLDER.exec(name)?.[1]).find((found) => found !== undefined);
  return folder === undefined ? undefined : TYPES[folder];
}

function* entryNames(zip: Buffer): Generator<string> {
  let at = zip.indexOf(ENTRY);
  while (at !== -1 && at + ENTRY_HEADER_BYTES <= zip.length) {
    const name = at + ENTRY_HEADER_BYTES;
    const extra = name + zip.readUInt16LE(at + 26);
    const data = extra + zip.readUInt16LE(at + 28);
    yield zip.toString('latin1', name, extra);
    at = zip.indexOf(ENTRY, endOfData(zip, at, data));
  }
}

function endOfData(zip: Buffer, entry: number, data: number): number {
  const size = zip.readUInt32LE(entry + 18);
  if (size === NO_SIZE) return data;
  const isStreamed = (zip.readUInt16LE(entry + 6) & SIZE_COMES_LATER) !== 0;
  return isStreamed && size === 0 ? descriptorOf(zip, data) : data + size;
}

/** What stands before it may be a ZIP with descriptors of its own; only this one says where `data` began. */
function descriptorOf(zip: Buffer, data: number): number {
  let at = zip.indexOf(DESCRIPTOR, data);
  while (at !== -1 && at + 12 <= zip.length) {
    if (zip.readUInt32LE(at + 8) === at - data) return at;
    at = zip.indexOf(DESCRIPTOR, at + 1);
  }
  return zip.length;
}
