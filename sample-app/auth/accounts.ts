import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AccountRow, type Account } from './account.entity.js';
import { hashPassword, isPassword } from './passwords.js';

/** The accounts of a new database; each one's password is its name and `-password`. */
export const ACCOUNTS = [
  { username: 'root', isStaff: true, isSuperuser: true },
  { username: 'staff', isStaff: true, isSuperuser: false },
  { username: 'alice', isStaff: false, isSuperuser: false },
  { username: 'bob', isStaff: false, isSuperuser: false },
];

@Injectable()
export class Accounts implements OnApplicationBootstrap {
  constructor(@InjectRepository(AccountRow) private readonly rows: Repository<AccountRow>) {}

  async onApplicationBootstrap(): Promise<void> {
    if ((await this.rows.count()) > 0) return;
    for (const account of ACCOUNTS) {
      await this.rows.save({
        ...account,
        passwordHash: await hashPassword(`${account.username}-password`),
      });
    }
  }

  async find(username: string, password: string): Promise<Account | undefined> {
    const row = await this.rows.findOneBy({ username });
    if (!row || !(await isPassword(password, row.passwordHash))) return undefined;
    const { id, isStaff, isSuperuser } = row;
    return { id, username, isStaff, isSuperuser };
  }
}
