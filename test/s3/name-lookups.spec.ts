import { S3Client } from '@aws-sdk/client-s3';
import { StorageUnavailableError } from 'nestjs-private-storage';
import { S3Storage } from 'nestjs-private-storage/s3';
import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';

const ATTEMPTS = 3; // the SDK's default

it('S3 is asked again, and is out of reach, when its name cannot be looked up for the moment', async () => {
  let lookups = 0;
  const lookup: LookupFunction = (name, _options, answer) => {
    lookups++;
    const error = new Error(`getaddrinfo EAI_AGAIN ${name}`);
    answer(Object.assign(error, { code: 'EAI_AGAIN' }), []);
  };
  const client = new S3Client({
    endpoint: 'http://s3.example',
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: { httpAgent: new Agent({ lookup }) },
  });
  const storage = new S3Storage({ bucket: 'private-media', client });
  await expect(storage.stat('may.txt')).rejects.toThrow(StorageUnavailableError);
  expect(lookups).toBe(ATTEMPTS);
  await expect(storage.prepare()).rejects.toThrow(/nothing answers at .+\(EAI_AGAIN\)/);
});
