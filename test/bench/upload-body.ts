import { randomBytes } from 'node:crypto';
import { AUTHORIZATION } from './servers/guards.js';
import type { HttpRequest } from './http-request.js';

const BOUNDARY = '----WebKitFormBoundaryUwr5p8bBA4oUuTmG';
const SIGNATURE = '%PDF-1.7\n';
const BLOCK_BYTES = 1024 * 1024;

/** A form with a text field and one file of that size, as a browser sends it. */
export function uploadRequest(size: number): HttpRequest {
  const head = Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nMay\r\n` +
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="report.pdf"\r\n` +
      'Content-Type: application/pdf\r\n\r\n',
  );
  const tail = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
  const body = Buffer.alloc(head.length + size + tail.length, randomBytes(BLOCK_BYTES));
  head.copy(body);
  body.write(SIGNATURE, head.length);
  tail.copy(body, head.length + size);
  return {
    method: 'POST',
    path: '/dossiers',
    headers: {
      Authorization: AUTHORIZATION,
      'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
      'Content-Length': String(body.length),
    },
    body,
  };
}
