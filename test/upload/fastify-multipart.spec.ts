import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import multipart from '@fastify/multipart';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { form, startUploads } from './upload-app.js';

describe('an app that has registered @fastify/multipart', () => {
  const post = async (options: { attachFieldsToBody?: boolean }) => {
    const { app, url } = await startUploads(
      'fastify',
      new MemoryStorage(),
      {},
      undefined,
      (nest: INestApplication) => (nest as NestFastifyApplication).register(multipart, options),
    );
    const body = form([
      ['title', 'May'],
      ['file', ['hello', 'a.txt']],
    ]);
    const response = await fetch(`${url}/optional`, { method: 'POST', body });
    const answer: unknown = await response.json();
    await app.close();
    return { status: response.status, answer };
  };

  it('uploads like every other', async () => {
    expect(await post({})).toMatchObject({
      status: 201,
      answer: { file: { name: 'a.txt', size: 5 }, body: { title: 'May' } },
    });
  });

  it('is told when the plugin has read the body', async () => {
    expect(await post({ attachFieldsToBody: true })).toMatchObject({
      status: 500,
      answer: { code: 'INVALID_CONFIGURATION' },
    });
  });
});
