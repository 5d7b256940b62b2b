import { hostOf } from './public-address.js';
import { CONFIGURATION, type WebServer } from './web-server.js';

export const lighttpd: WebServer = {
  program: 'lighttpd',
  packages: 'lighttpd',
  args: () => ['-D', '-f', CONFIGURATION],
  stopSignal: 'SIGINT',
  configuration: (site, address) => `server.bind = "${hostOf(address)}"
server.port = ${address.port}
server.document-root = var.CWD
server.pid-file = var.CWD + "/lighttpd.pid"
server.errorlog = var.CWD + "/error.log"
server.upload-dirs = ( var.CWD )

${site}
`,
};
