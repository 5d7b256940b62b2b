import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';

/** See `encryption` of `S3StorageOptions`. */
export type S3Encryption =
  'AES256' | { readonly kms: string } | { readonly customerKey: Uint8Array | string };

/** What an encryption adds to the SDK's commands, and to requests without it. */
export interface EncryptionParameters {
  /** For what makes an object. */
  readonly write: Pick<CopyObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'> &
    CustomerKey;
  /** For what reads one, and for each part of one. */
  readonly read: CustomerKey;
  /** For what copies one, beside `write`. */
  readonly copySource: Pick<
    CopyObjectCommandInput,
    'CopySourceSSECustomerAlgorithm' | 'CopySourceSSECustomerKey' | 'CopySourceSSECustomerKeyMD5'
  >;
  /** Whether nobody reads an object without the key. */
  readonly isCustomerKey: boolean;
  readonly writeHeaders: Readonly<Record<string, string>>;
  readonly readHeaders: Readonly<Record<string, string>>;
}

type CustomerKey = Pick<
  CopyObjectCommandInput,
  'SSECustomerAlgorithm' | 'SSECustomerKey' | 'SSECustomerKeyMD5'
>;

const CUSTOMER_KEY_BYTES = 32;
const PREFIX = 'x-amz-server-side-encryption';

export function encryptionParameters(encryption?: S3Encryption): EncryptionParameters {
  if (encryption === undefined) return parameters({}, {});
  if (encryption === 'AES256') {
    return parameters({ ServerSideEncryption: 'AES256' }, { [PREFIX]: 'AES256' });
  }
  if ('kms' in encryption) {
    const { kms } = encryption;
    return parameters(
      { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kms },
      { [PREFIX]: 'aws:kms', [`${PREFIX}-aws-kms-key-id`]: kms },
    );
  }
  return ofCustomerKey(customerKeyBytes(encryption.customerKey) ?? Buffer.alloc(0));
}

/** The bytes of a key, given as they are or in base64; undefined when they are not 32. */
export function customerKeyBytes(key: unknown): Buffer | undefined {
  if (typeof key !== 'string' && !(key instanceof Uint8Array)) return undefined;
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.from(key);
  return bytes.length === CUSTOMER_KEY_BYTES ? bytes : undefined;
}

function parameters(
  write: EncryptionParameters['write'],
  writeHeaders: Record<string, string>,
): EncryptionParameters {
  return { write, writeHeaders, read: {}, readHeaders: {}, copySource: {}, isCustomerKey: false };
}

function ofCustomerKey(bytes: Buffer): EncryptionParameters {
  const key = bytes.toString('base64');
  const md5 = createHash('md5').update(bytes).digest('base64');
  const read = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key, SSECustomerKeyMD5: md5 };
  const readHeaders = {
    [`${PREFIX}-customer-algorithm`]: 'AES256',
    [`${PREFIX}-customer-key`]: key,
    [`${PREFIX}-customer-key-md5`]: md5,
  };
  const copySource = {
    CopySourceSSECustomerAlgorithm: 'AES256',
    CopySourceSSECustomerKey: key,
    CopySourceSSECustomerKeyMD5: md5,
  };
  return {
    ...{ write: read, writeHeaders: readHeaders, read, readHeaders, copySource },
    isCustomerKey: true,
  };
}
