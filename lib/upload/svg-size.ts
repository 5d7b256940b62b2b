import { SVG } from 'image-size/types/svg';
import { withoutPrologue } from './markup-sniffer.js';
import type { PixelSize } from './pixel-size.js';

const ROOT = /^<svg\s(?:[^>"']|"[^"]*"|'[^']*')*>/;
/** Its numbers may have any white space or a comma between them (SVG 2, section 8.6); image-size knows one space. */
const VIEW_BOX = /(?<=\sviewBox\s*=\s*["'])[^"']*/;

/**
 * The size that an SVG's root element says, whatever stands in comments or inside of it.
 *
 * @throws TypeError
 */
export function svgSize(svg: string): PixelSize {
  const root = ROOT.exec(withoutPrologue(svg));
  if (!root) throw new TypeError('An SVG without a root element.');
  return SVG.calculate(
    Buffer.from(root[0].replace(VIEW_BOX, (box) => box.replace(/[\s,]+/g, ' ').trim())),
  );
}
