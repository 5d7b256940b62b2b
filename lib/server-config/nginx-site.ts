import { KEPT_HEADERS } from './kept-headers.js';
import type { CheckedSite, Folder, Store } from './server-site.js';

/** For nginx's `http` block. */
export function nginxSite(site: CheckedSite): string {
  const { address, port, upstream, folders, stores, resolver } = site;
  const app = appAt(upstream);
  return `# nestjs-private-storage behind nginx: goes into the http block.

upstream ${app} {
    server ${hostAndPort(upstream)};
    keepalive 32;
    keepalive_timeout 4s; # Node closes idle connections after 5
}

# The app's ETag stands only for the file that it looked at: when another one was opened meanwhile there is none.
map "$sent_http_last_modified|$kept_last_modified" $private_storage_etag {
    "~^(.+)\\|\\1$" $kept_etag;
    default "";
}

server {
    listen ${address ? `${address}:` : ''}${port};

    sendfile on;
    tcp_nopush on;
    gzip off; # ranges and resumed downloads need the bytes as they are
    client_max_body_size 0; # the app's own limits answer while the bytes arrive

    location / {
        proxy_pass http://${app};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_request_buffering off; # uploads reach the app as they arrive
        proxy_max_temp_file_size 0;
    }
${folders.map(folderLocation).join('')}${stores.map((store) => storeLocation(store, resolverOf(resolver))).join('')}${stores.length > 0 ? STORE_ERRORS : ''}}
`;
}

function folderLocation({ name, root, internalUrl }: Folder): string {
  return `
    # The storage "${name}". Only the app can lead here.
    location ${internalUrl} {
        internal;
        alias ${root}/;
        disable_symlinks on from=${root};
        types { } # the app has said what it is
        default_type application/octet-stream;
        etag off; # the app's is stronger
        if_modified_since off; # the app has decided that
${KEEP}    }
    location ${internalUrl}.staging/ {
        internal;
        return 404;
    }
`;
}

/** Only the range goes to the store, which would refuse the client's own Authorization. */
function storeLocation({ name, origin, internalUrl }: Store, resolver: string): string {
  return `
    # The storage "${name}": nginx fetches what the app has signed. $args is the signed path and query, untouched.
    location = ${internalUrl} {
        internal;
${resolver}        proxy_pass ${origin.origin}$args;
        proxy_http_version 1.1;
        proxy_method GET;
        proxy_pass_request_headers off;
        proxy_pass_request_body off;
        proxy_set_header Host ${origin.host};
        proxy_set_header Connection "";
        proxy_set_header Content-Length "";
        proxy_set_header Range $http_range;
        proxy_ssl_server_name on;
        proxy_ssl_name ${origin.hostname};
        proxy_max_temp_file_size 0;
        proxy_headers_hash_bucket_size 128;
        proxy_headers_hash_max_size 1024;
        proxy_intercept_errors on; # what the store says of errors names buckets and keys
        error_page 404 = @private_storage_gone;
        error_page 300 301 302 303 307 308 400 401 403 405 411 412 416 429 500 501 502 503 504 = @private_storage_failed;
${STORE_HEADERS.map((header) => `        proxy_hide_header ${header};\n`).join('')}${KEEP}    }
`;
}

const STORE_ERRORS = `
    location @private_storage_gone {
        return 404;
    }
    location @private_storage_failed {
        return 502;
    }
`;

/** What is set here is read before nginx asks the store, whose headers come in the place of the app's. */
const KEEP = [
  ...['Last-Modified', 'ETag', ...KEPT_HEADERS].map(
    (header) => `set $kept_${variable(header)} $upstream_http_${variable(header)};`,
  ),
  'add_header ETag $private_storage_etag;',
  ...KEPT_HEADERS.map((header) => `add_header ${header} $kept_${variable(header)} always;`),
]
  .map((line) => `        ${line}\n`)
  .join('');

/** What the store says of the file: the app has said it better, or it is nobody's business. nginx knows no patterns here. */
const STORE_HEADERS = [
  ...['Content-Type', 'Content-Disposition', 'Cache-Control', 'Expires', 'ETag', 'Set-Cookie'],
  ...KEPT_HEADERS,
  ...[
    ...['Request-Id', 'Id-2', 'Version-Id', 'Expiration', 'Restore', 'Mp-Parts-Count'],
    ...['Storage-Class', 'Replication-Status', 'Tagging-Count'],
    ...['Server-Side-Encryption', 'Server-Side-Encryption-Aws-Kms-Key-Id'],
    ...['Server-Side-Encryption-Bucket-Key-Enabled', 'Checksum-Type'],
    ...['Crc32', 'Crc32c', 'Crc64nvme', 'Sha1', 'Sha256'].map((name) => `Checksum-${name}`),
    ...['Mode', 'Retain-Until-Date', 'Legal-Hold'].map((name) => `Object-Lock-${name}`),
    ...['Committed-From', 'Owner', 'Name', 'Expires', 'Checksum'].map((name) => `Meta-${name}`),
  ].map((name) => `X-Amz-${name}`),
  'X-Rgw-Object-Type',
];

function variable(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

function resolverOf(address: string | undefined): string {
  return address === undefined ? '' : `        resolver ${address};\n`;
}

/** Of its own for each app: nginx takes no two upstreams of one name, and one nginx may stand before several apps. */
function appAt(upstream: URL): string {
  return `private_storage_app_${hostAndPort(upstream).replace(/\W+/g, '_')}`;
}

function hostAndPort({ host, port }: URL): string {
  return port === '' ? `${host}:80` : host;
}
