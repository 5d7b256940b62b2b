import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { stackOf } from './errors/stack-of.js';
import { assertSeparateRoots } from './storage/separate-roots.js';
import { StorageRegistry } from './storage/storage-registry.js';

const STAGED_FILES_LIVE_MS = 24 * 60 * 60 * 1000;
const INTERVAL_MS = 60 * 60 * 1000;

/** Makes the storages ready at start-up, and removes what crashed processes have left in their staging areas. */
@Injectable()
export class StagingSweeper implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(StagingSweeper.name);
  private timer?: NodeJS.Timeout;

  constructor(private readonly storages: StorageRegistry) {}

  /** @throws ConfigurationError when a storage cannot work where it is. */
  async onModuleInit(): Promise<void> {
    for (const storage of this.storages.all()) await storage.prepare();
    await assertSeparateRoots(this.storages.all());
    await this.sweep();
    this.timer = setInterval(() => void this.sweep(), INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** A storage that cannot be swept now is swept the next time. */
  private async sweep(): Promise<void> {
    const before = new Date(Date.now() - STAGED_FILES_LIVE_MS);
    for (const storage of this.storages.all()) {
      await storage.sweep(before).catch((error: unknown) => {
        this.logger.error('A staging area could not be swept.', stackOf(error));
      });
    }
  }
}
