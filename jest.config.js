// Class fields and decorators are compiled as tsc compiles them (tsconfig.json), so that a test sees
// the same classes as a user of the package does.
const swc = {
  swcrc: false,
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: true,
    },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  testTimeout: 5 * 60_000, // ends what hangs; nothing that goes on is too slow
  maxWorkers: 2,
  workerIdleMemoryLimit: '600MB', // of each test file's ES modules some 20 MB stay in a worker's heap
  errorOnDeprecated: true,
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^nestjs-private-storage$': '<rootDir>/lib/index.ts',
    '^nestjs-private-storage/(typeorm|testing|s3)$': '<rootDir>/lib/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};
