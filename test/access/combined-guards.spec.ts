import { allOf, AllowStaff, anyOf, ConfigurationError } from 'nestjs-private-storage';

it.each([
  ['anyOf', () => anyOf()],
  ['allOf', () => allOf()],
  ['anyOf', () => anyOf(AllowStaff, undefined as never)],
  ['allOf', () => allOf({ canActivate: () => true } as never)],
])('%s() takes classes, and at least one', (name, combine) => {
  expect(combine).toThrow(ConfigurationError);
  expect(combine).toThrow(
    `${name}() takes guard classes, such as ${name}(AllowStaff, OwnerGuard); one that is undefined comes from a circular import.`,
  );
});
