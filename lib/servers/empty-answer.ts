import type { OutgoingHttpHeaders } from 'node:http';
import { BodyWriter } from './body-writer.js';
import type { HttpExchange } from './http-exchange.js';

/** Answers without a body, and resolves when the answer has left. A HEAD may say how long the body would be. */
export async function answerEmpty(
  exchange: HttpExchange,
  status: number,
  headers: OutgoingHttpHeaders,
): Promise<void> {
  const response = exchange.begin(status, headers);
  if (response) await new BodyWriter(response, 0).finish();
}
