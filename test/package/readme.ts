import { readFileSync } from 'node:fs';

/** The files of README.md's guide: each code block that follows a line ending with its name in backticks. */
export function guideFiles(): { name: string; text: string }[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = readme.matchAll(/`(?<name>[\w.-]+\.ts)`[^\n`]*\n\n```ts\n(?<text>.*?)```/gs);
  return [...blocks].map(({ groups }) => ({ name: groups?.name ?? '', text: groups?.text ?? '' }));
}
