/** The formats of which a file may be nothing but text. Where others have a signature, a text has a word. */
const TEXT_FORMATS =
  /^(?:text\/.+|application\/(?:pdf|postscript|eps|rtf|xml|pgp-encrypted|x-ms-regedit)|image\/gif|model\/stl)$/;
/** How these begin where they are text: file-type looks at two to six letters of them. */
const BEGINNINGS: Partial<Record<string, RegExp>> = {
  'application/postscript': /^%!PS[-\s]/,
  'image/gif': /^GIF8[79]a/,
  'model/stl': /^solid [^\n]*\n\s*(?:facet|endsolid)\s/,
};

/** Whether a file that is all text may be what its signature says. */
export function isTextFormat(signature: string, text: string): boolean {
  return TEXT_FORMATS.test(signature) && (BEGINNINGS[signature]?.test(text) ?? true);
}
