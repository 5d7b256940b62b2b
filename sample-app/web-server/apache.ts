import { MAX_BODY_SIZE } from '../uploads.js';
import { CONFIGURATION, type WebServer } from './web-server.js';

const MODULES = '/usr/lib/apache2/modules';

export const apache: WebServer = {
  program: 'apache2',
  module: `${MODULES}/mod_xsendfile.so`,
  packages: 'apache2-bin libapache2-mod-xsendfile',
  args: (folder) => ['-D', 'FOREGROUND', '-d', folder, '-f', CONFIGURATION],
  stopSignal: 'SIGWINCH',
  refusesRoot: true,
  configuration: (site) => `LoadModule mpm_event_module ${MODULES}/mod_mpm_event.so
LoadModule alias_module ${MODULES}/mod_alias.so
LoadModule authz_core_module ${MODULES}/mod_authz_core.so
ServerName localhost
PidFile apache.pid
DefaultRuntimeDir .
ErrorLog error.log
<If "%{HTTP:Content-Length} -gt ${MAX_BODY_SIZE}">
    Redirect 413 /
</If>

${site}
`,
};
