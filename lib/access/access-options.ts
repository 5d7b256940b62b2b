import type { CanActivate, Type } from '@nestjs/common';
import { validateHeaderValue } from 'node:http';
import { ConfigurationError } from '../private-storage.errors.js';

/** Who may see a storage's files by key; a slice of each storage's options. */
export interface StorageAccessOptions {
  /**
   * Guards of every download by key, and of an entity's download that has no `canAccessFile()` of its own. Ordinary ones
   * (a `JwtAuthGuard`) run first, then those that extend `PrivateFileGuard`. Whatever they say, a request without a user
   * gets nothing. Default: `AllowSuperuser`.
   */
  readonly guards?: readonly Type<CanActivate>[];
}

/** How the library sees users, and what it tells those whom it refuses; the module's `access`. */
export interface AccessOptions {
  /**
   * Finds the user on the platform's request, synchronously (default: its property `user`). Nobody is null, undefined,
   * false or an empty text.
   */
  user?(request: unknown): unknown;
  /** What `AllowStaff` asks (default: `user.isStaff === true`). */
  isStaff?(user: unknown): boolean;
  /** What `AllowSuperuser` asks, and `AllowStaff` too (default: `user.isSuperuser === true`). */
  isSuperuser?(user: unknown): boolean;
  /** What names a user, a string or number (default: `user.id`). Only direct uploads ask: each belongs to a user. */
  userId?(user: unknown): unknown;
  /** `WWW-Authenticate` of every 401 (RFC 9110 section 11.6.1; default `Bearer`). */
  readonly challenge?: string;
  /** Answer 404, as for a file that does not exist, in the place of 401 and 403 (default false). */
  readonly hideRefusals?: boolean;
}

/** The injection token of the resolved {@link AccessOptions}. */
export const ACCESS_OPTIONS = Symbol('nestjs-private-storage:access');

/** The injection token of the guards of each storage, by the storage's name. */
export const STORAGE_GUARDS = Symbol('nestjs-private-storage:guards');

export type StorageGuards = ReadonlyMap<string, readonly Type<CanActivate>[]>;

export const DEFAULT_ACCESS: Required<AccessOptions> = {
  user: (request) => property(request, 'user'),
  isStaff: (user) => property(user, 'isStaff') === true,
  isSuperuser: (user) => property(user, 'isSuperuser') === true,
  userId: (user) => property(user, 'id'),
  challenge: 'Bearer',
  hideRefusals: false,
};

/**
 * The module's `access`, checked and complete.
 *
 * @throws ConfigurationError
 */
export function accessOptions(given: AccessOptions = {}): Required<AccessOptions> {
  const defined = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const options: Required<AccessOptions> = { ...DEFAULT_ACCESS, ...defined };
  for (const [name, standard] of Object.entries(DEFAULT_ACCESS)) {
    const value: unknown = options[name as keyof AccessOptions];
    if (typeof value !== typeof standard) {
      throw new ConfigurationError(`access.${name} is a ${typeof standard}, not ${typeof value}.`);
    }
  }
  assertChallenge(options.challenge);
  return { ...options, user: (request) => awaited(options.user(request)) };
}

/** A promise of nobody would pass for somebody. */
function awaited(user: unknown): unknown {
  if (typeof property(user, 'then') !== 'function') return user;
  throw new ConfigurationError(
    'The user of a request is a promise: access.user is synchronous, and a guard that looks the user up has to wait for it.',
  );
}

function assertChallenge(challenge: string): void {
  try {
    if (challenge.trim() === '') throw new Error('it is empty');
    validateHeaderValue('WWW-Authenticate', challenge);
  } catch (cause) {
    throw new ConfigurationError(
      'access.challenge is what a 401 says in WWW-Authenticate, such as "Bearer" or \'Basic realm="files"\'.',
      {
        cause,
      },
    );
  }
}

/** Whether what was found as the user means that nobody is logged in. */
export function isNobody(user: unknown): boolean {
  return user === undefined || user === null || user === false || user === '';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
