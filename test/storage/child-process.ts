import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const LIB = resolve('lib');

/** Compiles the room `storage` into a folder, for scripts that run in a process of their own. */
export function compileStorageInto(folder: string): void {
  const { transpileModule, ModuleKind, ScriptTarget } = ts;
  const files = readdirSync(join(LIB, 'storage')).map((name) => `storage/${name}`);
  mkdirSync(join(folder, 'storage'), { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const file of [...files, 'private-storage.errors.ts']) {
    const { outputText } = transpileModule(readFileSync(join(LIB, file), 'utf8'), {
      compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 },
    });
    writeFileSync(join(folder, file.replace(/ts$/, 'js')), outputText);
  }
}

const PRELUDE = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { LocalStorage } = await import('./storage/local-storage.js');
const [root, name] = process.argv.slice(2);
async function* bytesOf(content) { yield Buffer.from(content); }
`;

export interface Child {
  readonly process: ChildProcess;
  /** Every line that it writes; ends with it. */
  readonly lines: AsyncIterable<string>;
  /** Resolves with what it wrote, once it has ended; rejects when it failed. */
  output(): Promise<string[]>;
}

/** Runs a script that knows `LocalStorage`, `bytesOf`, `root`, `name`, `fs` and `syncBuiltinESMExports`. */
export function runChild(
  folder: string,
  script: string,
  args: string[],
  options: { uid?: number } = {},
): Child {
  const path = join(folder, `script-${readdirSync(folder).length}.js`);
  writeFileSync(path, PRELUDE + script);
  const child = spawn(process.execPath, [path, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const lines = linesOf(child.stdout);
  return {
    process: child,
    lines,
    async output() {
      const found: string[] = [];
      for await (const line of lines) found.push(line);
      if ((await ended) !== 0) throw new Error(Buffer.concat(errors).toString());
      return found;
    },
  };
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
