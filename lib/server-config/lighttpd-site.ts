import type { CheckedSite } from './server-site.js';

/** For lighttpd's configuration, outside of any condition. */
export function lighttpdSite({ address, port, upstream, folders }: CheckedSite): string {
  const { hostname, port: upstreamPort } = upstream;
  const host = hostname.replace(/^\[|\]$/g, ''); // lighttpd would look a name with brackets up
  return `# nestjs-private-storage behind lighttpd.

server.modules += ( "mod_proxy" )
server.stat-cache-engine = "disable" # it keeps files open: a replaced one would be sent in its old form

$SERVER["socket"] == "${address}:${port}" {
    # The app's own limits answer while the bytes arrive, and it gets them as they do.
    server.max-request-size = 0
    server.stream-request-body = 2
    server.stream-response-body = 2
    server.follow-symlink = "disable"

    proxy.server = ( "" => ((
        "host" => "${host}",
        "port" => ${upstreamPort || 80},
        "x-sendfile" => "enable",
        "x-sendfile-docroot" => ( ${folders.map(({ root }) => `"${root}/"`).join(', ')} )
    )) )
}
`;
}
