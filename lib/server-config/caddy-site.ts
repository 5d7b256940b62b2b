import { KEPT_HEADERS } from './kept-headers.js';
import type { CheckedSite, Folder } from './server-site.js';

const PRESENTED = [
  'Content-Type',
  'Content-Disposition',
  'Cache-Control',
  'Last-Modified',
  'Set-Cookie',
  ...KEPT_HEADERS,
];

/** A site of a Caddyfile. */
export function caddySite({ address, port, upstream, folders }: CheckedSite): string {
  return `# nestjs-private-storage behind Caddy: put your host name in the place of http://:${port} to have HTTPS.

http://:${port} {
${address ? `\tbind ${address}\n` : ''}\treverse_proxy ${upstream.origin} {
		transport http {
			keepalive 4s # Node closes idle connections after 5
		}
${folders.map(folderResponse).join('')}
		# Any other path stays between Caddy and the app.
		@private_storage_unknown header X-Sendfile *
		handle_response @private_storage_unknown {
			respond 502
		}
	}
}
`;
}

/**
 * The path becomes the root of a `file_server` that is asked for `/`: a `rewrite` would read `?`, `#` and, since Caddy
 * 2.7, `%` in a file's name in its own way.
 */
function folderResponse({ name, root }: Folder, index: number): string {
  return `
		# The storage "${name}".
		@private_storage_${index} {
			status 200
			header X-Sendfile ${root}/*
		}
		handle_response @private_storage_${index} {
			@outside vars_regexp {rp.header.X-Sendfile} ^${regExpOf(root)}/(.*/)?\\.
			respond @outside 404
			root * {rp.header.X-Sendfile}
			rewrite * /
			copy_response_headers {
				include ${PRESENTED.join(' ')}
			}
			header {
				ETag {rp.header.Etag} # the app's is stronger
				defer
			}
			file_server {
				disable_canonical_uris
			}
		}
`;
}

function regExpOf(text: string): string {
  return text.replace(/[.+]/g, '\\$&');
}
