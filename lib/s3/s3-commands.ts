import type {
  $Command,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { StorageAnsweredBadlyError } from '../private-storage.errors.js';
import { timedOut } from './s3-errors.js';
import type { S3Place } from './s3-place.js';

/** For a server that copies, or puts parts together, and says nothing of use until it is done. */
export const PATIENT_MS = 10 * 60 * 1000;

/** 1,000 keys as XML may write them are half of it. */
const MAX_ANSWER_BYTES = 16 * 1024 ** 2;

/**
 * Sends a command of the SDK's, whose own limit ends with the head of an answer: the rest of it gets as long once more,
 * with each attempt. S3 sends the head of some answers at once, and then nothing until it is done.
 *
 * @throws what the SDK throws
 */
export async function sendCommand<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  { client, options }: S3Place,
  command: $Command<I, O, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
  patienceMs?: number,
): Promise<O> {
  command.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const response = Object(answer.response) as { body?: unknown };
      if (response.body instanceof Readable) {
        const bytes = await readInTime(response.body, patienceMs ?? options.timeout * 1000);
        response.body = Readable.from(bytes, { objectMode: false });
      }
      return answer;
    },
    { name: 'nestjs-private-storage:in-time', step: 'deserialize', priority: 'low' },
  );
  return client.send(command, patienceMs === undefined ? {} : { requestTimeout: patienceMs });
}

async function readInTime(body: Readable, ms: number): Promise<Buffer[]> {
  const timer = setTimeout(() => body.destroy(timedOut()), ms);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES)
        throw new StorageAnsweredBadlyError('The storage sent an answer without end.');
    }
    return chunks;
  } finally {
    clearTimeout(timer);
  }
}
