const HTML = 'text/html';
const SVG = 'image/svg+xml';
const XHTML = 'application/xhtml+xml';
const XML = 'application/xml';

/** What may come before the root element, in XML and in HTML. */
const PROLOGUE = /^(?:\s+|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE(?:[^>[]|\[[^]*?\]\s*(?=>))*>)+/i;
const ROOT = /^<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>]|$)/;
/** The tags by which browsers know HTML (WHATWG MIME Sniffing, section 7.1), and those that run something. */
const HTML_TAGS = new Set(
  (
    'html head body script style title meta link base iframe frame frameset object embed applet img image audio video ' +
    'form input button a b i u p br hr div span font center table h1 h2 h3 ul ol li pre marquee template noscript'
  ).split(' '),
);

/**
 * The media type of a text that a browser would take for a document with code in it; undefined when it is none.
 * A prologue that does not end is taken for the worst that may follow. XML that nothing in it declares is known by its
 * name.
 */
export function markupType(text: string, fileName = ''): string | undefined {
  const start = text.trimStart();
  if (!start.startsWith('<')) return undefined;
  const isXml = /^<\?xml[\s?]/i.test(start);
  const isHtml = /^<!(?:--|DOCTYPE\s+html)/i.test(start);
  const root = ROOT.exec(withoutPrologue(start))?.[1]?.toLowerCase();
  if (root === 'svg') return SVG;
  if (isXml) return root === 'html' ? XHTML : XML;
  if (isHtml || (root !== undefined && HTML_TAGS.has(root))) return HTML;
  const saysXml = /\.xml$/i.test(fileName) || /\sxmlns(?::[\w.-]+)?\s*=/.test(start);
  return root !== undefined && saysXml ? XML : declared(start);
}

/** A document from its root element on. */
export function withoutPrologue(text: string): string {
  return text.replace(PROLOGUE, '');
}

/** A document type of another kind than HTML's is XML's. */
function declared(start: string): string | undefined {
  return /^<!DOCTYPE\s/i.test(start) ? XML : undefined;
}
