import { Injectable, RequestMethod } from '@nestjs/common';
// Not public API of Nest: no root exports it, and an update may move it.
import { MODULE_PATH } from '@nestjs/common/constants.js';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';

/** What Nest puts before the paths of this module's routes: the app's global prefix, and a path of `RouterModule`. */
@Injectable()
export class RoutePrefix {
  constructor(
    private readonly app: ApplicationConfig,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * Begins with a slash, or is empty.
   *
   * @param route the route's own pattern, with a slash before it: routes are what apps exclude from their prefix, not paths
   */
  of(route: string, method: RequestMethod): string {
    const modulePath = this.modulePath();
    const prefix = this.app.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
    const isExcluded = this.app
      .getGlobalPrefixOptions()
      .exclude?.some(
        ({ pathRegex, requestMethod }) =>
          [method, RequestMethod.ALL].includes(requestMethod) && pathRegex.test(modulePath + route),
      );
    return prefix === '' || isExcluded ? modulePath : `/${prefix}${modulePath}`;
  }

  private modulePath(): string {
    const module = [...this.modules.values()].find(({ providers }) => providers.has(RoutePrefix));
    const path: unknown =
      module && Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module.metatype);
    return typeof path === 'string' ? path.replace(/\/$/, '') : '';
  }
}
