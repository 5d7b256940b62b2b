import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { settings } from '../settings.js';
import { AccountRow } from './account.entity.js';
import { Accounts } from './accounts.js';
import { AuthController } from './auth.controller.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([AccountRow]),
    JwtModule.register({ secret: settings.jwtSecret, signOptions: { expiresIn: '8h' } }),
  ],
  controllers: [AuthController],
  providers: [Accounts, JwtAuthGuard],
  exports: [JwtModule, JwtAuthGuard],
})
export class AuthModule {}
