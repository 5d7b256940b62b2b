import type { S3Client } from '@aws-sdk/client-s3';
import { failureOf, S3AnswerError } from './s3-errors.js';

/** What the SDK calls skewed. */
const SKEWED_MS = 4 * 60 * 1000;

/** What a request and its answer say of the server's clock, which the SDK learns too, but not from what it does not see. */
export class ServerClock {
  private readonly signedOffset: number;

  private constructor(
    private readonly config: S3Client['config'],
    private readonly isLearnt: boolean,
  ) {
    this.signedOffset = config.systemClockOffset;
  }

  /** Before a request is signed. */
  static async of({ config }: S3Client): Promise<ServerClock> {
    const options: Partial<S3Client['config']> = config; // older SDKs have not all of them
    return new ServerClock(config, !(await options.disableClockSkewCorrection?.()));
  }

  learn(response: unknown): void {
    const { headers } = Object(response) as Record<string, unknown>;
    const { date, age } = Object(headers) as Record<string, unknown>;
    const time = Date.parse(String(date));
    const offset = time - Date.now();
    const isSkewed = Math.abs(offset - this.config.systemClockOffset) >= SKEWED_MS;
    if (this.isLearnt && age === undefined && isSkewed) this.config.systemClockOffset = offset;
  }

  /** Calls a refusal by its name where another time was signed: to a HEAD the server says no more than 403. */
  refusal(error: unknown): unknown {
    const isSkewed = Math.abs(this.config.systemClockOffset - this.signedOffset) >= SKEWED_MS;
    if (!isSkewed || failureOf(error).status !== 403) return error;
    return new S3AnswerError(403, 'RequestTimeTooSkewed');
  }
}
