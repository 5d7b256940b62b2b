import { CONFIGURATION, type WebServer } from './web-server.js';

/** Its workers run as the app does: they have to read what the app writes. */
const user = process.getuid?.() === 0 ? 'user root;\n' : '';

export const nginx: WebServer = {
  program: 'nginx',
  packages: 'nginx',
  args: (folder) => ['-p', folder, '-e', 'error.log', '-c', CONFIGURATION],
  stopSignal: 'SIGQUIT',
  configuration: (site) => `${user}daemon off;
pid nginx.pid;
events {}
http {
  access_log access.log;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  scgi_temp_path scgi;
  uwsgi_temp_path uwsgi;

${site}
}
`,
};
