import type { CheckedSite } from './server-site.js';

/** Module names and their files. */
const MODULES = [
  ['proxy_module', 'mod_proxy.so'],
  ['proxy_http_module', 'mod_proxy_http.so'],
  ['headers_module', 'mod_headers.so'],
  ['xsendfile_module', 'mod_xsendfile.so'],
];

/** For Apache's configuration, outside of any section. */
export function apacheSite({ address, port, upstream, folders }: CheckedSite): string {
  return `# nestjs-private-storage behind Apache: on Debian, apt install libapache2-mod-xsendfile.

<IfDefine !APACHE_MODULES>
    Define APACHE_MODULES /usr/lib/apache2/modules
</IfDefine>
${MODULES.map(([name, file]) => `<IfModule !${name}>\n    LoadModule ${name} \${APACHE_MODULES}/${file}\n</IfModule>\n`).join('')}
Listen ${address ? `${address}:` : ''}${port}
<VirtualHost ${address || '*'}:${port}>
    # The app has limits of its own. Apache reads its answer only when it has passed on the whole body.
    LimitRequestBody 0
    EnableSendfile On

    # Paths reach the app as the client wrote them.
    AllowEncodedSlashes NoDecode
    ProxyRequests Off
    ProxyPreserveHost On
    RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"
    # Node closes idle connections after 5 seconds.
    ProxyPass / ${upstream.origin}/ nocanon ttl=4

    # With any other status no file is sent, and the path would go to the client.
    Header unset X-Sendfile "expr=%{REQUEST_STATUS} != 200"
    XSendFile On
    XSendFileIgnoreEtag Off
    XSendFileIgnoreLastModified Off
${folders.map(({ name, root }) => `    # The storage "${name}".\n    XSendFilePath ${root}\n`).join('')}</VirtualHost>
`;
}
