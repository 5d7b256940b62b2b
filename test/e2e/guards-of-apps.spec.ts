import {
  Controller,
  Get,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { AllowStaff, MemoryStorage, PrivateStorageModule } from 'nestjs-private-storage';
import { ADAPTERS, startApp } from './app.js';

class TwoParts implements CanActivate {
  static readonly parts = ['header', 'payload'];

  canActivate(): boolean {
    return true;
  }
}

@Controller('own')
@UseGuards(TwoParts)
class OwnController {
  @Get()
  own(): string {
    return 'mine';
  }
}

interface Response {
  status(code: number): this;
  redirect(url: string): unknown;
}

@Injectable()
class ToLogin implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const response = context.switchToHttp().getResponse<Response>();
    response.status(302).redirect('/login');
    return false;
  }
}

describe.each(ADAPTERS)('a guard of an app on %s', (adapter) => {
  const storage = new MemoryStorage();

  it('may have a static property by any name', async () => {
    const running = await startApp(adapter, {
      imports: [PrivateStorageModule.forRoot({ storage })],
      controllers: [OwnController],
    });
    expect((await fetch(`${running.url}/own`)).status).toBe(200);
    await running.close();
  });

  it.each([false, true])('may answer itself, with hideRefusals %s', async (hideRefusals) => {
    const errors: unknown[] = [];
    const guards = [ToLogin, AllowStaff];
    const running = await startApp(adapter, {
      imports: [
        PrivateStorageModule.forRoot({ storage, baseUrl: '/f', guards, access: { hideRefusals } }),
      ],
    });
    const ignore = () => undefined;
    running.app.useLogger({ log: ignore, warn: ignore, error: (error) => errors.push(error) });
    const { status } = await fetch(`${running.url}/f/a.txt`, { redirect: 'manual' });
    expect([status, errors]).toEqual([302, []]);
    running.app.useLogger(false);
    await running.close();
  });
});
