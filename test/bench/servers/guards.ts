import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

export interface BenchUser {
  readonly id: string;
  readonly isStaff: boolean;
}

interface BenchRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  user?: BenchUser;
}

/** The header that logs in. */
export const AUTHORIZATION = 'Bearer bench';

const USERS: Readonly<Record<string, BenchUser>> = { [AUTHORIZATION]: { id: '1', isStaff: true } };

/** Who asks: what a `JwtAuthGuard` does, without its arithmetic. Guards the library and its rivals alike. */
@Injectable()
export class LoginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<BenchRequest>();
    request.user = USERS[request.headers.authorization ?? ''];
    return request.user !== undefined;
  }
}

/** The rivals' rule; the library has `AllowStaff`. */
@Injectable()
export class StaffGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<BenchRequest>().user?.isStaff === true;
  }
}
