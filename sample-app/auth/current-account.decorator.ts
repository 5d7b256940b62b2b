import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Account } from './account.entity.js';
import type { AuthenticatedRequest } from './jwt-auth.guard.js';

/** The account that is logged in. */
export const CurrentAccount = createParamDecorator(
  (_option: unknown, context: ExecutionContext): Account =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().user,
);
