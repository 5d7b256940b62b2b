import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class AccountRow {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ unique: true })
  username: string;

  @Column()
  passwordHash: string;

  @Column()
  isStaff: boolean;

  @Column()
  isSuperuser: boolean;
}

/** Who is logged in: what a token says, and what `request.user` holds. */
export type Account = Pick<AccountRow, 'id' | 'username' | 'isStaff' | 'isSuperuser'>;
