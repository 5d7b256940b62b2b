import { Controller, Post, UploadedFile, UseInterceptors } from '@nestjs/common';
import {
  AllowStaff,
  allOf,
  MemoryStorage,
  PrivateFile,
  PrivateFileGuard,
  PrivateFileInterceptor,
  PrivateFilePipe,
  PrivateStorageModule,
  type RequestedFile,
  type StagedFile,
  type StoredFile,
} from 'nestjs-private-storage';
import { ADAPTERS, startApp } from './app.js';
import { as, LoginGuard } from './users.js';

/** What nobody provides. */
class Missing {
  readonly name = 'missing';
}

class NeedsMissing extends PrivateFileGuard {
  constructor(readonly missing: Missing) {
    super();
  }

  canAccess(): boolean {
    return true;
  }
}
Reflect.defineMetadata('design:paramtypes', [Missing], NeedsMissing);

class OnlyUploads extends PrivateFileGuard {
  canAccess({ action, key }: RequestedFile): boolean {
    return action === 'upload' && key === '';
  }
}

class Report {
  @PrivateFile({ guards: [LoginGuard, allOf(AllowStaff, OnlyUploads)] })
  file: StoredFile | null = null;

  @PrivateFile({ guards: [NeedsMissing] })
  scan: StoredFile | null = null;
}

@Controller('reports')
class ReportsController {
  @Post()
  @UseInterceptors(PrivateFileInterceptor(Report, 'file'))
  create(@UploadedFile(PrivateFilePipe) file: StagedFile): string {
    return file.name;
  }
}

@Controller('scans')
class ScansController {
  @Post()
  @UseInterceptors(PrivateFileInterceptor(Report, 'scan'))
  create(): void {
    return undefined;
  }
}

describe.each(ADAPTERS)("a field's guards on %s", (adapter) => {
  const imports = [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })];

  it('are made once, whoever has them prepared at the same time', async () => {
    let made = 0;
    class CountedGuard extends OnlyUploads {
      constructor() {
        super();
        made++;
      }
    }
    class Sheet {
      @PrivateFile({ guards: [CountedGuard] }) file: StoredFile | null = null;
    }
    @Controller('sheets')
    class SheetsController {
      @Post('one')
      @UseInterceptors(PrivateFileInterceptor(Sheet, 'file'))
      one(): void {
        return undefined;
      }

      @Post('two')
      @UseInterceptors(PrivateFileInterceptor(Sheet, 'file'))
      two(): void {
        return undefined;
      }
    }
    const { close } = await startApp(adapter, { imports, controllers: [SheetsController] });
    await close();
    expect(made).toBe(1);
  });

  it('are asked before an upload is read', async () => {
    const { url, close } = await startApp(adapter, { imports, controllers: [ReportsController] });
    const statuses = await Promise.all(
      ['staff', 'alice', 'nobody'].map(async (user) => {
        const body = new FormData();
        body.append('file', new Blob(['text']), 'note.txt');
        const answer = await fetch(`${url}/reports`, { method: 'POST', body, ...as(user) });
        expect(await answer.text()).not.toContain('see this file');
        return answer.status;
      }),
    );
    expect(statuses).toEqual([201, 403, 401]);
    await close();
  });

  it('stop the app when Nest cannot make them', async () => {
    const starting = startApp(adapter, { imports, controllers: [ScansController] });
    await expect(starting).rejects.toThrow(/^The guard NeedsMissing cannot be made/);
  });
});
