import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { StorageFailedError } from '../private-storage.errors.js';

/** Where the objects of a bucket are, and whom a request for one is signed for. */
export interface S3Address {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  /** The header. */
  readonly host: string;
  /** What stands before an object's name: `/`, or `/bucket/`. */
  readonly path: string;
  readonly signingRegion?: string;
  readonly signingService?: string;
}

const NAME = 'name';

/**
 * Has the SDK build a request, so that its own rules for endpoints decide, and stops it before it is sent. All objects
 * of a bucket have one address.
 */
export async function addressOf(client: S3Client, bucket: string): Promise<S3Address> {
  let address: S3Address | undefined;
  const command = new HeadObjectCommand({ Bucket: bucket, Key: NAME });
  command.middlewareStack.add(
    (_next, context) =>
      async ({ request }) => {
        address = readAddress(request, context.endpointV2?.properties?.authSchemes?.[0]);
        return { response: {}, output: { $metadata: {} } };
      },
    { name: 'nestjs-private-storage:address', step: 'finalizeRequest', priority: 'high' },
  );
  await client.send(command);
  if (!address)
    throw new StorageFailedError('The S3 client was stopped by a middleware of the app.');
  return address;
}

function readAddress(request: unknown, scheme: unknown): S3Address {
  const { protocol, hostname, port, path } = Object(request) as Record<string, unknown>;
  const { signingRegion, signingName } = Object(scheme) as Record<string, unknown>;
  const isRead =
    typeof protocol === 'string' && typeof hostname === 'string' && typeof path === 'string';
  if (!isRead || !path.endsWith(`/${NAME}`)) {
    throw new StorageFailedError('The S3 client builds requests that are not understood.');
  }
  return {
    protocol,
    hostname,
    host: typeof port === 'number' ? `${hostname}:${port}` : hostname,
    path: path.slice(0, -NAME.length),
    port: typeof port === 'number' ? port : undefined,
    signingRegion: typeof signingRegion === 'string' ? signingRegion : undefined,
    signingService: typeof signingName === 'string' ? signingName : undefined,
  };
}
