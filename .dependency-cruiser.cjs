// Who may import what. A room is a folder of lib/ or one of the files beside them; what the table
// does not allow is forbidden, for type-only imports too.

const rooms = {
  errors: { path: ['lib/private-storage\\.errors\\.ts$', 'lib/errors/'], may: [] },
  storage: { path: ['lib/storage/'], may: ['errors'] },
  file: { path: ['lib/file/'], may: ['storage', 'errors'] },
  entity: { path: ['lib/entity/'], may: ['file', 'errors'] },
  servers: { path: ['lib/servers/'], may: ['file', 'storage', 'errors'] },
  'server-config': { path: ['lib/server-config/'], may: ['servers', 'errors'] },
  service: {
    path: ['lib/private-storage\\.(service|route-prefix)\\.ts$'],
    may: ['storage', 'file', 'entity', 'errors'],
  },
  access: { path: ['lib/access/'], may: ['file', 'service', 'errors'] },
  upload: {
    path: ['lib/upload/'],
    may: ['access', 'service', 'entity', 'file', 'storage', 'errors'],
  },
  download: {
    path: ['lib/download/'],
    may: ['access', 'servers', 'service', 'entity', 'file', 'storage', 'errors'],
  },
  express: { path: ['lib/private-storage\\.express-requests\\.ts$'], may: [] },
  module: {
    path: [
      'lib/index\\.ts$',
      'lib/private-storage\\.(module|options|providers|filter|sweeper)[^/]*\\.ts$',
    ],
    may: [
      ...['errors', 'storage', 'file', 'entity', 'servers'],
      ...['service', 'access', 'upload', 'download', 'server-config', 'express'],
    ],
  },
};

const corePackages = [
  ...['@nestjs/common', '@nestjs/core', 'rxjs'],
  ...['@fastify/busboy', 'bytes', 'content-disposition', 'file-type', 'image-size', 'mime-types'],
  'strftime',
];

// Each optional part has its own package entry, and is the only room that imports these packages.
const optionalParts = {
  s3: ['@aws-sdk/[^/]+'],
  testing: [],
  typeorm: ['typeorm', '@nestjs/typeorm'],
};

const from = (paths) => paths.map((path) => `^${path}`);
const installed = (names) => `^node_modules/(?:@types/)?(?:${names.join('|')})(?:/|$)`;
const coreRooms = Object.values(rooms).flatMap((room) => from(room.path));
const partFolder = (part) => `^lib/${part}/`;

const roomRules = Object.entries(rooms).map(([name, { path, may }]) => ({
  name: `${name}-imports`,
  comment: `${name} may import of lib only: ${may.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: from(path) },
  to: {
    path: '^(?:lib|sample-app|test)/',
    pathNot: [name, ...may].flatMap((room) => from(rooms[room].path)),
  },
}));

const partRules = Object.keys(optionalParts).map((part) => ({
  name: `${part}-imports`,
  comment: `${part} may import only the core of lib, no other optional part`,
  severity: 'error',
  from: { path: partFolder(part) },
  to: { path: '^(?:lib|sample-app|test)/', pathNot: [partFolder(part), ...coreRooms] },
}));

const packageRule = (name, path, names) => ({
  name: `${name}-packages`,
  comment: `${name} may import node:* and only these packages: ${names.join(', ')}`,
  severity: 'error',
  from: { path },
  to: {
    dependencyTypesNot: ['core'],
    pathNot: ['^(?:lib|sample-app|test)/', installed(names)],
  },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    ...partRules,
    packageRule('core', coreRooms, corePackages),
    ...Object.entries(optionalParts).map(([part, names]) =>
      packageRule(part, partFolder(part), [...corePackages, ...names]),
    ),
    {
      name: 'known-room',
      comment: 'every file of lib belongs to a room of the table in .dependency-cruiser.cjs',
      severity: 'error',
      from: {
        path: '^lib/',
        pathNot: [...coreRooms, ...Object.keys(optionalParts).map(partFolder)],
      },
      to: {},
    },
    {
      name: 'package-entries-only',
      comment: 'sample-app and the e2e tests import nestjs-private-storage by its name',
      severity: 'error',
      from: { path: '^(?:sample-app|test/e2e)/' },
      to: { path: '^(?:lib|dist)/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'a file of lib that imports nothing and is imported by nothing',
      severity: 'error',
      from: { path: '^lib/', orphan: true },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
