import { relative } from 'node:path';
import ts from 'typescript';

/** The library as an app sees it whose compiler is as strict as can be, and looks into the packages that it uses. */
const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};

it.each(['index', 'typeorm/index', 'testing/index', 's3/index'])(
  'the types of %s compile in the strictest app',
  (entry) => {
    const program = ts.createProgram([`dist/lib/${entry}.d.ts`], options);
    const own = program.getSourceFiles().filter(({ fileName }) => fileName.includes('dist/lib/'));
    expect(own.length).toBeGreaterThan(0);
    const problems = own.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]);
    expect(
      problems.map(({ file, messageText }) => [
        relative('.', file?.fileName ?? ''),
        ts.flattenDiagnosticMessageText(messageText, ' '),
      ]),
    ).toEqual([]);
  },
  60_000,
);
