import { Controller, Get, Module, UseGuards, type CanActivate, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  allOf,
  AllowStaff,
  ConfigurationError,
  MemoryStorage,
  ObjectDownloadController,
  PrivateFile,
  PrivateFileGuard,
  PrivateStorageModule,
  type StoredFile,
} from 'nestjs-private-storage';
import { startApp } from '../e2e/app.js';

class Everybody implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

class OwnerGuard extends PrivateFileGuard {
  canAccess(): boolean {
    return true;
  }
}

class Dossier {
  @PrivateFile()
  file: StoredFile | null;
}

abstract class Downloads extends ObjectDownloadController<Dossier> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';
  protected findObject(): null {
    return null;
  }
}

@Controller()
@UseGuards(Everybody, OwnerGuard)
class OnClass extends Downloads {}

@Controller()
class OnHandler {
  @Get()
  @UseGuards(AllowStaff)
  get(): string {
    return 'let in';
  }
}

@Controller()
class Inherited extends OnHandler {}

@Controller()
@UseGuards(new OwnerGuard())
class Instance extends Downloads {}

@Controller()
@UseGuards(allOf(Everybody, OwnerGuard))
class Combined extends Downloads {}

@Controller()
@UseGuards(Everybody, allOf(Everybody), new Everybody())
class Ordinary extends Downloads {}

const storage = () => PrivateStorageModule.forRoot({ storage: new MemoryStorage() });

function start(controller: Type): Promise<void> {
  @Module({ controllers: [controller] })
  class Feature {}
  return Test.createTestingModule({ imports: [storage(), Feature] })
    .compile()
    .then(async (module) => (await module.createNestApplication({ logger: false }).init()).close());
}

describe('a guard that judges files', () => {
  it.each<[string, Type, string]>([
    ['on a class', OnClass, 'OwnerGuard'],
    ['on a handler', OnHandler, 'AllowStaff'],
    ['on an inherited handler', Inherited, 'AllowStaff'],
    ['as an instance', Instance, 'OwnerGuard'],
    ['in a combined one', Combined, 'CombinedGuard'],
  ])('in @UseGuards() %s is an error at start-up', async (_where, controller, guard) => {
    const error = await start(controller).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(`${guard} judges files`);
    expect(String(error)).toContain(controller.name);
  });

  it('is told from others', async () => {
    await start(Ordinary);
  });

  it('on all routes says no, and warns whoever reads the log', async () => {
    const warnings: unknown[][] = [];
    const silent = (): void => undefined;
    const warn = (...parts: unknown[]): void => void warnings.push(parts);
    const { url, close } = await startApp(
      'express',
      { imports: [storage()], controllers: [Ordinary] },
      (app) => {
        app.useLogger({ log: silent, error: silent, warn });
        app.useGlobalGuards(new OwnerGuard());
      },
    );
    expect((await fetch(url)).status).toBe(403);
    await close();
    expect(warnings).toEqual([['Asked where no file is requested, which means no.', 'OwnerGuard']]);
  });
});
