import { conversationsHold } from './conversations.js';
import { namesSurvive } from './names.js';
import { secretsStay } from './secrets.js';
import { describeBehind, Site, type WebServerName } from './site.js';
import { transfersEnd } from './transfers.js';

/** All that has to hold behind a web server, with the sample app on both adapters. */
export function behind(server: WebServerName): void {
  describeBehind(server).each(['express', 'fastify'])(`behind ${server} on %s`, (adapter) => {
    let site: Site;

    beforeAll(async () => {
      site = await Site.start(server, adapter);
    });

    afterAll(() => site.remove());

    describe('names', () => namesSurvive(() => site));
    describe('conversations', () => conversationsHold(() => site, server));
    describe('secrets', () => secretsStay(() => site));
    describe('transfers', () => transfersEnd(() => site));
  });
}
