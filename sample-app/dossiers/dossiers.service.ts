import { ForbiddenException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PrivateStorageService, type StagedFile } from 'nestjs-private-storage';
import { Repository } from 'typeorm';
import type { Account } from '../auth/account.entity.js';
import type { CreateDossierDto } from './dossier.dto.js';
import { Dossier } from './dossier.entity.js';

@Injectable()
export class DossiersService {
  constructor(
    @InjectRepository(Dossier) private readonly dossiers: Repository<Dossier>,
    private readonly files: PrivateStorageService,
  ) {}

  /** When the save fails, no file is left behind. On a disk `save()` alone would do: S3 takes its time. */
  create(
    owner: Account,
    { title, customer = '' }: CreateDossierDto,
    file: StagedFile,
  ): Promise<Dossier> {
    const dossier: Dossier = Object.assign(new Dossier(), {
      ownerId: owner.id,
      title: title ?? file.name,
      customer,
      file,
    });
    return this.files.commit(dossier, () => this.dossiers.save(dossier));
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

  /** The old file goes once the new one is safely in its place. */
  async replaceFile(account: Account, id: string, file: StagedFile): Promise<Dossier> {
    const dossier = await this.get(account, id);
    return this.files.replace(dossier, 'file', file, () => this.dossiers.save(dossier));
  }

  async remove(account: Account, id: string): Promise<void> {
    const dossier = await this.get(account, id);
    await this.files.delete(dossier, () => this.dossiers.remove(dossier));
  }
}

/** The one rule on dossiers, for their files too. */
export function maySee(account: Account, dossier: Dossier): boolean {
  return account.isStaff || dossier.ownerId === account.id;
}
