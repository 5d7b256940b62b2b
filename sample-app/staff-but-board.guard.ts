import { PrivateFileGuard, type RequestedFile } from 'nestjs-private-storage';
import type { Account } from './auth/account.entity.js';

/** Staff may fetch any file by its key, but the board's papers are for superusers. */
export class StaffButBoard extends PrivateFileGuard<unknown, Account> {
  canAccess({ key, user }: RequestedFile<unknown, Account>): boolean {
    return key.startsWith('board/') ? user.isSuperuser : user.isStaff;
  }
}
