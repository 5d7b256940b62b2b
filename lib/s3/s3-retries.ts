import type { S3Client } from '@aws-sdk/client-s3';
import { setTimeout } from 'node:timers/promises';
import { failureOf, isOfNetwork } from './s3-errors.js';

type ErrorType = 'TRANSIENT' | 'THROTTLING' | 'SERVER_ERROR' | 'CLIENT_ERROR';

/**
 * Repeats a request by the client's own rules: how often, how soon, and not at all when too much fails. What was not
 * answered in time is asked for again only where somebody's bytes would be lost.
 */
export async function retrying<T>(
  { config }: S3Client,
  method: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const strategy = await config.retryStrategy();
  if (!('acquireInitialRetryToken' in strategy)) return attempt(); // one of the app's, in the SDK's old form
  let token = await strategy.acquireInitialRetryToken('');
  for (;;) {
    try {
      const result = await attempt();
      strategy.recordSuccess(token);
      return result;
    } catch (error) {
      const errorType = typeOf(error, method);
      if (errorType === 'CLIENT_ERROR') throw error;
      const next = await strategy.refreshRetryTokenForRetry(token, { errorType }).catch(() => null);
      if (!next) throw error;
      token = next;
      await setTimeout(token.getRetryDelay());
    }
  }
}

function typeOf(error: unknown, method: string): ErrorType {
  const { status, code } = failureOf(error);
  if (status === 429 || status === 503 || code === 'SlowDown') return 'THROTTLING';
  if (code === 'RequestTimeout' || code === 'RequestTimeTooSkewed') return 'TRANSIENT';
  if (status >= 500 && status !== 501) return 'SERVER_ERROR';
  if (status !== 0) return 'CLIENT_ERROR';
  if (code === 'TimeoutError') return method === 'PUT' ? 'TRANSIENT' : 'CLIENT_ERROR';
  return isOfNetwork(error) ? 'TRANSIENT' : 'CLIENT_ERROR';
}
