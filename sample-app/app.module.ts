import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import libsql from 'libsql';
import { AllowSuperuser, PrivateStorageModule } from 'nestjs-private-storage';
import { PrivateStorageTypeOrmModule } from 'nestjs-private-storage/typeorm';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AuthModule } from './auth/auth.module.js';
import { JwtAuthGuard } from './auth/jwt-auth.guard.js';
import { DossiersModule } from './dossiers/dossiers.module.js';
import { PageController } from './page/page.controller.js';
import { PhotosModule } from './photos/photos.module.js';
import { settings } from './settings.js';
import { StaffButBoard } from './staff-but-board.guard.js';
import { storageOf } from './storages.js';
import { uploads } from './uploads.js';

mkdirSync(settings.folder, { recursive: true });

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'better-sqlite3',
      driver: libsql,
      database: join(settings.folder, 'app.sqlite'),
      autoLoadEntities: true,
      synchronize: true, // a sample's convenience: an app of yours has migrations
    }),
    PrivateStorageModule.forRoot({
      imports: [AuthModule],
      storage: storageOf('private-media'),
      baseUrl: '/private-media',
      guards: [JwtAuthGuard, StaffButBoard],
      server: settings.fileServer,
      storages: {
        invoices: {
          storage: storageOf('private-invoices'),
          baseUrl: '/private-invoices',
          guards: [JwtAuthGuard, AllowSuperuser],
          server: settings.fileServer,
        },
      },
      uploads,
    }),
    PrivateStorageTypeOrmModule,
    AuthModule,
    DossiersModule,
    PhotosModule,
  ],
  controllers: [PageController],
})
export class AppModule {}
