import { CONFIGURATION, type WebServer } from './web-server.js';

export const caddy: WebServer = {
  program: 'caddy',
  packages: 'caddy',
  args: () => ['run', '--adapter', 'caddyfile', '--config', CONFIGURATION],
  stopSignal: 'SIGTERM',
  configuration: (site) => `{
	admin off
	auto_https off
	log {
		output file error.log
	}
}

${site}
`,
};
