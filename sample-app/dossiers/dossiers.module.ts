import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { DossierDownloadController } from './dossier-download.controller.js';
import { Dossier } from './dossier.entity.js';
import { DossiersController } from './dossiers.controller.js';
import { DossiersService } from './dossiers.service.js';

@Module({
  imports: [AuthModule, TypeOrmModule.forFeature([Dossier])],
  controllers: [DossiersController, DossierDownloadController],
  providers: [DossiersService],
})
export class DossiersModule {}
