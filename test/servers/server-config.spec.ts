import { serverConfig, type ConfiguredServer, type ServerSite } from 'nestjs-private-storage';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../lib/server-config/command.js';
import { isInstalled } from '../is-installed.js';
import { itIf } from '../programs.js';

const SITE: ServerSite = {
  listen: '127.0.0.1:8080',
  upstream: 'http://127.0.0.1:3000',
  storages: [
    { name: 'default', root: '/srv/private-media/' },
    { name: 'invoices', root: '/srv/invoices', internalUrl: '/hidden/' },
  ],
};

const SERVERS: ConfiguredServer[] = ['nginx', 'apache', 'lighttpd', 'caddy'];

describe.each(SERVERS)('the configuration for %s', (server) => {
  const text = serverConfig(server, SITE);

  it.each(['8080', '127.0.0.1', '3000', '/srv/private-media', '/srv/invoices'])(
    'names %s',
    (part) => {
      expect(text).toContain(part);
    },
  );

  it('leaves nothing open', () => {
    expect(text).not.toMatch(/undefined|null|\$\{(?!APACHE_MODULES)|NaN/);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('listens everywhere when no address is given', () => {
    const everywhere = serverConfig(server, { ...SITE, listen: '8081' });
    expect(everywhere).toMatch(/8081/);
    expect(everywhere).not.toContain('127.0.0.1:8081');
  });

  it.each([
    [{ listen: 'x:y' }, 'The listen "x:y" cannot be used; write 127.0.0.1:8080 or 8080.'],
    [{ listen: '127.0.0.1:0' }, /listen "127\.0\.0\.1:0" cannot be used/],
    [{ listen: '65536' }, /listen "65536" cannot be used/],
    [{ listen: '80; include /etc/passwd' }, /cannot be used/],
    [{ upstream: '127.0.0.1:3000' }, /upstream "127\.0\.0\.1:3000" cannot be used/],
    [{ upstream: 'http://127.0.0.1:3000/app' }, /without a path/],
    [{ upstream: 'http://a{b}' }, /cannot be used/],
    [{ upstream: 'https://127.0.0.1:3000' }, /write http:\/\/127\.0\.0\.1:3000\./],
    [{ storages: [] }, 'No storage is given; write for example default=/srv/private-media.'],
    [{ storages: [{ name: 'default' }] }, /root of the storage "default" "" cannot be used/],
    [{ storages: [{ name: 'default', root: 'srv' }] }, /write an absolute path/],
    [{ storages: [{ name: 'default', root: '/srv/../etc' }] }, /cannot be used/],
    [{ storages: [{ name: 'default', root: '/srv/a;b' }] }, /cannot be used/],
    [{ storages: [{ name: 'default', root: '/srv/a\nb' }] }, /cannot be used/],
    [{ storages: [{ name: 'a\nb', root: '/srv' }] }, /internal URL of the storage/],
    [
      {
        storages: [
          { name: 'a', root: '/srv/a' },
          { name: 'a', root: '/srv/b' },
        ],
      },
      'The storage "a" is given twice.',
    ],
    [
      {
        storages: [
          { name: 'a', root: '/srv/a', internalUrl: '/x/' },
          { name: 'b', root: '/srv/b', internalUrl: '/x/y/' },
        ],
      },
      /The storages "a" and "b" have the same internal URL/,
    ],
    [
      { storages: [{ name: 'a', root: '/srv', signedOrigin: 'https://s3.test' }] },
      server === 'nginx' ? /has a root and a signed origin/ : /Only nginx fetches signed URLs/,
    ],
  ])('does not come from %j', (wrong, message) => {
    expect(() => serverConfig(server, { ...SITE, ...wrong })).toThrow(message);
  });
});

describe('lighttpd before an app on IPv6', () => {
  const text = serverConfig('lighttpd', { ...SITE, upstream: 'http://[::1]:3000' });

  it('is given the address without brackets', () => {
    expect(text).toContain('"host" => "::1",');
  });

  itIf(isInstalled('lighttpd'), 'not installed here: lighttpd')('starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lighttpd-'));
    const file = join(folder, 'lighttpd.conf');
    await writeFile(file, `server.document-root = "${folder}"\nserver.port = 8089\n${text}`);
    const { status, stderr } = spawnSync('lighttpd', ['-tt', '-f', file], { encoding: 'utf8' });
    await rm(folder, { recursive: true });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('nginx before a store', () => {
  const cloud = { name: 'cloud', signedOrigin: 'https://bucket.s3.eu-central-1.amazonaws.com' };

  it('asks for a DNS server where the store has a name', () => {
    expect(() => serverConfig('nginx', { ...SITE, storages: [cloud] })).toThrow(
      'nginx needs a DNS server to find bucket.s3.eu-central-1.amazonaws.com',
    );
    const text = serverConfig('nginx', { ...SITE, storages: [cloud], resolver: '127.0.0.53' });
    expect(text).toContain('resolver 127.0.0.53;');
    expect(text).toContain('proxy_pass https://bucket.s3.eu-central-1.amazonaws.com$args;');
    expect(text).toContain('proxy_set_header Host bucket.s3.eu-central-1.amazonaws.com;');
  });

  it('needs none for an address', () => {
    const storages = [{ name: 'cloud', signedOrigin: 'http://127.0.0.1:7480' }];
    expect(serverConfig('nginx', { ...SITE, storages })).not.toContain('resolver');
  });
});

describe('the command', () => {
  it('prints what the function returns', () => {
    const { exitCode, stdout, stderr } = runCommand([
      ...['server-config', 'nginx', '--listen', '127.0.0.1:8080'],
      ...['--storage', 'default=/srv/private-media/', '--storage', 'invoices=/srv/invoices'],
      ...['--internal-url', 'invoices=/hidden/'],
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toBe(serverConfig('nginx', SITE));
  });

  it('prints its help', () => {
    const { exitCode, stdout, stderr } = runCommand(['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const word of [...SERVERS, '--storage', '--signed', '--internal-url', '--upstream'])
      expect(stdout).toContain(word);
  });

  it.each([
    ['', 'What is to be done? Write server-config and the name of a web server.'],
    ['serve', 'There is no command "serve"; write server-config.'],
    ['server-config', 'one of nginx, apache, lighttpd, caddy.'],
    ['server-config iis', 'one of nginx, apache, lighttpd, caddy.'],
    ['server-config toString', 'one of nginx, apache, lighttpd, caddy.'],
    ['server-config nginx more', '"more" is one word too many.'],
    ['server-config nginx', 'No storage is given'],
    ['server-config nginx --storage', 'argument missing'],
    ['server-config nginx --storage x', '--storage "x" is no <name>=<value>'],
    ['server-config nginx --foo', "Unknown option '--foo'."],
    ['server-config nginx --storage a=/b --internal-url c=/d/', 'names the storage "c"'],
    ['server-config caddy --signed a=https://s3.test', 'Only nginx fetches signed URLs'],
  ])('"%s" is answered with a sentence and the code 2', (line, message) => {
    const { exitCode, stdout, stderr } = runCommand(line.split(' ').filter(Boolean));
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
  });
});

it('one nginx may stand before several apps', () => {
  const names = [3000, 3001].map((port) => {
    const printed = serverConfig('nginx', { ...SITE, upstream: `http://127.0.0.1:${port}` });
    return /^upstream (\w+) \{$/m.exec(printed)?.[1];
  });
  expect(names[0]).toMatch(/^\w+$/);
  expect(names[0]).not.toBe(names[1]);
});

it('a name that would end the comment it is printed in is refused', () => {
  const storages = [{ name: 'invoices\nload_module evil.so;', root: '/srv/x', internalUrl: '/x/' }];
  expect(() => serverConfig('nginx', { ...SITE, storages })).toThrow('line breaks');
});
