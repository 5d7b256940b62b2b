import { Readable } from 'node:stream';
import { StorageFailedError } from '../private-storage.errors.js';
import { S3AnswerError } from './s3-errors.js';

/** An answer with a status of success. Whoever gets it reads the body to its end, or destroys it. */
export interface ObjectAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readable;
}

/** An error's XML is a few hundred bytes. */
const MAX_ERROR_BYTES = 64 * 1024;
const CODE = /<Code>([A-Za-z0-9.]{1,100})<\/Code>/;

/** @throws S3AnswerError */
export async function answerOf(response: unknown, method: string): Promise<ObjectAnswer> {
  const { statusCode: status, headers, body } = Object(response) as Record<string, unknown>;
  if (typeof status !== 'number' || !(body instanceof Readable)) {
    throw new StorageFailedError('The S3 client needs the request handler of Node, not another.');
  }
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess && method === 'GET') {
    body.on('error', () => undefined); // whoever reads it is told; when nobody does, nobody has to know
  } else {
    const text = await textOf(body);
    if (!isSuccess) throw new S3AnswerError(status, CODE.exec(text)?.[1] ?? '');
  }
  return { status, headers: Object(headers) as ObjectAnswer['headers'], body };
}

/** Read to its end, so that the connection can be used again. */
async function textOf(body: Readable): Promise<string> {
  let text = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > MAX_ERROR_BYTES) break;
  }
  return text;
}
