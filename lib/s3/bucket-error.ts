import { ConfigurationError } from '../private-storage.errors.js';
import { failureOf, isOfNetwork } from './s3-errors.js';
import type { S3Place } from './s3-place.js';

const ELSEWHERE = new Set([
  ...['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'],
  ...['TemporaryRedirect', 'Redirect'],
]);
const NOT_KNOWN = new Set([
  ...['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken'],
]);
const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** What is wrong with a bucket that could not be `done` so with, and what to do about it. For logs only: it has names in it. */
export function bucketError(error: unknown, place: S3Place, done: string): ConfigurationError {
  if (error instanceof ConfigurationError) return error;
  return new ConfigurationError(`S3Storage: ${sentenceOf(error, place, done)}`, { cause: error });
}

function sentenceOf(error: unknown, { bucket, options }: S3Place, done: string): string {
  const { status, code } = failureOf(error);
  const where = options.endpoint ?? 'AWS';
  if (code === 'NoSuchBucket')
    return `there is no bucket "${bucket}" at ${where}; make it, or write createBucket: true.`;
  if (code === 'BucketAlreadyExists')
    return `the bucket "${bucket}" belongs to somebody else; take another name.`;
  if (ELSEWHERE.has(code) || status === 301) {
    const region = regionIn(error);
    return `the bucket "${bucket}" is in another region; write region: ${region ? `'${region}'` : 'its region'}.`;
  }
  if (NO_CREDENTIALS.has(code))
    return 'the SDK finds no credentials; write credentials: { accessKeyId, secretAccessKey }, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
  if (NOT_KNOWN.has(code)) return `${where} does not know the credentials (${code}).`;
  if (code === 'RequestTimeTooSkewed') return `the clocks here and at ${where} are too far apart.`;
  if (status === 401 || status === 403)
    return `the credentials do not allow that the bucket "${bucket}" is ${done}${code ? `: ${code}` : ''}.`;
  if (code === 'InvalidRequest' && done.startsWith('written'))
    return `${where} takes no file into the bucket "${bucket}" as it is sent (InvalidRequest); if the bucket has a default retention, take it off, and lock files by objectParameters.`;
  if (status > 0)
    return `${where} answered ${status} ${code} when the bucket "${bucket}" was to be ${done}.`;
  if (messageOf(error).includes('Region is missing'))
    return "the SDK finds no region; write region: 'eu-central-1', or set AWS_REGION.";
  if (isOfNetwork(error) || code === 'TimeoutError')
    return `nothing answers at ${where} (${code}); is the endpoint right, and reachable from here?`;
  return `the bucket "${bucket}" cannot be ${done}: ${messageOf(error)}`;
}

/** Where the server says that the bucket is. */
function regionIn(error: unknown): string | undefined {
  const { $response, Region } = Object(error) as Record<string, unknown>;
  const { headers } = Object($response) as Record<string, unknown>;
  const said = Region ?? (Object(headers) as Record<string, unknown>)['x-amz-bucket-region'];
  return typeof said === 'string' ? said : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
