import {
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Account } from './account.entity.js';

export const TOKEN_COOKIE = 'token';

/** A request as {@link JwtAuthGuard} lets it through. */
export interface AuthenticatedRequest {
  readonly headers: { readonly authorization?: string; readonly cookie?: string };
  user: Account;
}

/** Finds out who asks, by the token in the `Authorization` header or in the cookie. */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  constructor(private readonly jwt: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = tokenOf(request);
    if (!token) throw new UnauthorizedException('Log in first.');
    try {
      request.user = await this.jwt.verifyAsync<Account & object>(token);
    } catch {
      throw new UnauthorizedException('The login has expired; log in again.');
    }
    return true;
  }
}

function tokenOf({
  headers: { authorization = '', cookie = '' },
}: AuthenticatedRequest): string | undefined {
  return (
    /^Bearer (.+)$/i.exec(authorization)?.[1] ??
    new RegExp(`(?:^|; )${TOKEN_COOKIE}=([^;]+)`).exec(cookie)?.[1]
  );
}
