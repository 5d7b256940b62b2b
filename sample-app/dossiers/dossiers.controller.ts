import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  UploadedFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { PrivateFileInterceptor, PrivateFilePipe, type StagedFile } from 'nestjs-private-storage';
import type { Account } from '../auth/account.entity.js';
import { CurrentAccount } from '../auth/current-account.decorator.js';
import { JwtAuthGuard } from '../auth/jwt-auth.guard.js';
import { CreateDossierDto, viewOf, type DossierView } from './dossier.dto.js';
import { Dossier } from './dossier.entity.js';
import { DossiersService } from './dossiers.service.js';

@Controller('dossiers')
@UseGuards(JwtAuthGuard)
export class DossiersController {
  constructor(private readonly dossiers: DossiersService) {}

  @Post()
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async create(
    @CurrentAccount() account: Account,
    @UploadedFile(PrivateFilePipe) file: StagedFile,
    @Body() dto: CreateDossierDto,
  ): Promise<DossierView> {
    return viewOf(await this.dossiers.create(account, dto, file));
  }

  @Get()
  async list(@CurrentAccount() account: Account): Promise<DossierView[]> {
    return (await this.dossiers.list(account)).map(viewOf);
  }

  @Get(':id')
  async get(@CurrentAccount() account: Account, @Param('id') id: string): Promise<DossierView> {
    return viewOf(await this.dossiers.get(account, id));
  }

  @Put(':id/file')
  @UseInterceptors(PrivateFileInterceptor(Dossier, 'file'))
  async replaceFile(
    @CurrentAccount() account: Account,
    @Param('id') id: string,
    @UploadedFile(PrivateFilePipe) file: StagedFile,
  ): Promise<DossierView> {
    return viewOf(await this.dossiers.replaceFile(account, id, file));
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@CurrentAccount() account: Account, @Param('id') id: string): Promise<void> {
    return this.dossiers.remove(account, id);
  }
}
