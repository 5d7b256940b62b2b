import { Injectable, type CanActivate, type OnModuleInit, type Type } from '@nestjs/common';
// Not public API of Nest: no root exports it, and an update may move it.
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { ConfigurationError } from '../private-storage.errors.js';
import { judgesFiles } from './combined.guards.js';

/** Looks for guards that judge files where Nest asks them before anybody knows of a file: they would refuse everything. */
@Injectable()
export class MisplacedGuards implements OnModuleInit {
  constructor(private readonly modules: ModulesContainer) {}

  /** @throws ConfigurationError */
  onModuleInit(): void {
    for (const { controllers } of this.modules.values())
      for (const { metatype } of controllers.values())
        if (metatype) assertNone(metatype as Type<object>);
  }
}

function assertNone(controller: Type<object>): void {
  const prototype = controller.prototype as object;
  const methods = new MetadataScanner().getAllMethodNames(prototype);
  const handlers = methods.map((method) => Reflect.get(prototype, method) as object);
  for (const place of [controller, ...handlers]) {
    const guards = (Reflect.getMetadata(GUARDS_METADATA, place) ?? []) as Guard[];
    const misplaced = guards.map(classOf).find(judgesFiles);
    if (misplaced) throw misplacedOn(controller.name, misplaced.name);
  }
}

type Guard = Type<CanActivate> | CanActivate;

function classOf(guard: Guard): Type<CanActivate> {
  return typeof guard === 'function' ? guard : (guard.constructor as Type<CanActivate>);
}

function misplacedOn(controller: string, guard: string): ConfigurationError {
  return new ConfigurationError(
    `${guard} judges files, but @UseGuards() of ${controller} asks it before any file is known. Give it to the \`guards\` ` +
      'of the storage or the field, or override canAccessFile() of an ObjectDownloadController.',
  );
}
