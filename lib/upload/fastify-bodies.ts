import type { HttpAdapterHost } from '@nestjs/core';

type Done = (error: Error | null) => void;

/** What is needed of Fastify, which is no dependency. */
interface FastifyInstance {
  hasContentTypeParser(contentType: string): boolean;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: unknown, done: Done) => void,
  ): void;
  register(
    plugin: (instance: FastifyInstance, options: unknown, done: () => void) => void,
  ): unknown;
}

/**
 * Fastify refuses content types that it has no parser for: from now on it leaves bodies of this one unread. Call it in
 * `onApplicationBootstrap`: earlier, plugins that want the content type for themselves would find it taken.
 */
export function leaveBodiesUnread(host: HttpAdapterHost, contentType: string): void {
  const { httpAdapter } = host as { httpAdapter?: HttpAdapterHost['httpAdapter'] };
  if (httpAdapter?.getType() !== 'fastify') return;
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    if (!instance.hasContentTypeParser(contentType)) {
      instance.addContentTypeParser(contentType, (_request, _payload, parsed) => parsed(null));
    }
    done();
  };
  // Fastify's mark for a plugin that is for the whole app, not for routes of its own.
  Object.assign(plugin, { [Symbol.for('skip-override')]: true });
  httpAdapter.getInstance<FastifyInstance>().register(plugin);
}
