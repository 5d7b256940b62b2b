import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

export interface TestUser {
  readonly id: string;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
}

const USERS: Record<string, TestUser> = {
  root: { id: 'root', isStaff: true, isSuperuser: true },
  staff: { id: 'staff', isStaff: true, isSuperuser: false },
  alice: { id: 'alice', isStaff: false, isSuperuser: false },
  bob: { id: 'bob', isStaff: false, isSuperuser: false },
};

/** Believes the header `x-user`: what an app's own login guard does, without the passwords. Nobody gets through as nobody. */
@Injectable()
export class LoginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string>; user?: TestUser }>();
    request.user = USERS[request.headers['x-user'] ?? ''];
    return true;
  }
}

/** Headers of a request by a user of {@link LoginGuard}. */
export function as(
  user: keyof typeof USERS,
  headers: Record<string, string> = {},
): { headers: Record<string, string> } {
  return { headers: { ...headers, 'x-user': user } };
}
