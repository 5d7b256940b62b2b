import { Controller, type INestApplication } from '@nestjs/common';
import { ClientTCP, MessagePattern, Transport } from '@nestjs/microservices';
import {
  InvalidKeyError,
  MemoryStorage,
  PrivateStorageModule,
  StorageUnavailableError,
} from 'nestjs-private-storage';
import { lastValueFrom } from 'rxjs';
import { freePort } from '../free-port.js';
import { ADAPTERS, startApp } from './app.js';

@Controller()
class FilesController {
  @MessagePattern('refused')
  refused(): void {
    throw new InvalidKeyError('A key is relative.');
  }

  @MessagePattern('broken')
  broken(): void {
    throw new StorageUnavailableError('10.0.0.7 does not answer.');
  }
}

/** An app that answers messages beside HTTP, with one filter for both. */
async function answerMessages(app: INestApplication, port: number): Promise<void> {
  const options = { transport: Transport.TCP, options: { host: '127.0.0.1', port } } as const;
  app.connectMicroservice(options, { inheritAppConfig: true });
  await app.startAllMicroservices();
}

describe.each(ADAPTERS)('a message to a hybrid app on %s', (adapter) => {
  it.each([
    ['refused', 'INVALID_KEY', 'A key is relative.'],
    ['broken', 'STORAGE_UNAVAILABLE', 'The file storage has a problem; try again later.'],
  ])('that is %s fails with %s', async (pattern, code, message) => {
    const port = await freePort();
    const imports = [PrivateStorageModule.forRoot({ storage: new MemoryStorage() })];
    const { close } = await startApp(adapter, { imports, controllers: [FilesController] }, (app) =>
      answerMessages(app, port),
    );
    const client = new ClientTCP({ host: '127.0.0.1', port });
    const answer = lastValueFrom(client.send<unknown>(pattern, {}));
    await expect(answer).rejects.toEqual({ status: 'error', code, message });
    client.close();
    await close();
  });
});
