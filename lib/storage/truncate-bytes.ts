/** The longest beginning of `text` that fits into `bytes` bytes of UTF-8 and splits no character. */
export function truncateBytes(text: string, bytes: number): string {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
