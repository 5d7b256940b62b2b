import { Inject, Injectable } from '@nestjs/common';
import type { RequestedFile } from '../file/requested-file.js';
import { ACCESS_OPTIONS, type AccessOptions } from './access-options.js';
import { PrivateFileGuard } from './private-file.guard.js';

/** Lets in everybody who is logged in. */
@Injectable()
export class AllowAuthenticated extends PrivateFileGuard {
  canAccess(): boolean {
    return true;
  }
}

/** Lets in staff and superusers, as `access.isStaff` and `access.isSuperuser` see them. */
@Injectable()
export class AllowStaff extends PrivateFileGuard {
  constructor(@Inject(ACCESS_OPTIONS) private readonly options: Required<AccessOptions>) {
    super();
  }

  canAccess({ user }: RequestedFile): boolean {
    return this.options.isStaff(user) || this.options.isSuperuser(user);
  }
}

/** Lets in superusers, as `access.isSuperuser` sees them. The default of every storage. */
@Injectable()
export class AllowSuperuser extends PrivateFileGuard {
  constructor(@Inject(ACCESS_OPTIONS) private readonly options: Required<AccessOptions>) {
    super();
  }

  canAccess({ user }: RequestedFile): boolean {
    return this.options.isSuperuser(user);
  }
}
