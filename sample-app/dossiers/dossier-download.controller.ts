import { Controller } from '@nestjs/common';
import { ObjectDownloadController, type RequestedFile } from 'nestjs-private-storage';
import type { Account } from '../auth/account.entity.js';
import { Dossier } from './dossier.entity.js';
import { DossiersService, maySee } from './dossiers.service.js';

/** `GET /dossiers/:id/file`: the storage's `JwtAuthGuard` says who asks, the rule here whether the dossier is theirs. */
@Controller('dossiers/:id/file')
export class DossierDownloadController extends ObjectDownloadController<Dossier, Account> {
  protected readonly entity = Dossier;
  protected readonly field = 'file';

  constructor(private readonly dossiers: DossiersService) {
    super();
  }

  protected findObject({ params }: { params: { id: string } }): Promise<Dossier | null> {
    return this.dossiers.find(params.id);
  }

  protected override canAccessFile({ user, parent }: RequestedFile<Dossier, Account>): boolean {
    return maySee(user, parent);
  }
}
