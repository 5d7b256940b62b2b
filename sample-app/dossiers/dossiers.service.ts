import { ForbiddenException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { StagedFile } from 'nestjs-private-storage';
import { Repository } from 'typeorm';
import type { Account } from '../auth/account.entity.js';
import type { CreateDossierDto } from './dossier.dto.js';
import { Dossier } from './dossier.entity.js';

@Injectable()
export class DossiersService {
  constructor(@InjectRepository(Dossier) private readonly dossiers: Repository<Dossier>) {}

  /** The save gives the file its key; when it fails, no file is left behind. */
  create(
    owner: Account,
    { title, customer = '' }: CreateDossierDto,
    file: StagedFile,
  ): Promise<Dossier> {
    return this.dossiers.save(
      Object.assign(new Dossier(), {
        ownerId: owner.id,
        title: title ?? file.name,
        customer,
        file,
      }),
    );
  }

  list(account: Account): Promise<Dossier[]> {
    return this.dossiers.find({
      where: account.isStaff ? {} : { ownerId: account.id },
      order: { id: 'ASC' },
    });
  }

  /** By what stands in a URL. */
  find(id: string): Promise<Dossier | null> {
    return this.dossiers.findOneBy({ id: /^\d{1,15}$/.test(id) ? Number(id) : -1 });
  }

  async get(account: Account, id: string): Promise<Dossier> {
    const dossier = await this.find(id);
    if (!dossier) throw new NotFoundException();
    if (!maySee(account, dossier)) throw new ForbiddenException();
    return dossier;
  }

  /** The save deletes the old file once the new one is safely in its place. */
  async replaceFile(account: Account, id: string, file: StagedFile): Promise<Dossier> {
    return this.dossiers.save(Object.assign(await this.get(account, id), { file }));
  }

  async remove(account: Account, id: string): Promise<void> {
    await this.dossiers.remove(await this.get(account, id));
  }
}

/** The one rule on dossiers, for their files too. */
export function maySee(account: Account, dossier: Dossier): boolean {
  return account.isStaff || dossier.ownerId === account.id;
}
