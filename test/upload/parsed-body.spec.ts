import { assertNoFile } from '../../lib/upload/parsed-body.js';

const STORED = { storage: 'default', key: 'a', name: 'a', size: 1, contentType: 'text/plain' };

/** What an app's own middleware may have put there. */
class Account {
  readonly photo = STORED;
}

function circular(inner: object): object {
  const body: Record<string, unknown> = { inner };
  return Object.assign(body, { itself: [body] });
}

it.each([
  ['bytes', Buffer.alloc(10)],
  ['an object of a class', { account: new Account() }],
  ['what leads back to itself', circular({})],
])('%s in a body holds no file that its sender could name', (_, body) => {
  expect(() => assertNoFile(body, new Set(['file']))).not.toThrow();
});

it.each([
  ['what leads back to itself', circular(STORED)],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: [STORED] })],
])('%s may hold one', (_, body) => {
  expect(() => assertNoFile(body, new Set(['file']))).toThrow('A file is required, not text.');
});
