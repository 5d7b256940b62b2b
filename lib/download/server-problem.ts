import type { FileHeaders } from '../servers/file-headers.js';

/** What a {@link WebServerCheck} finds. Codes are stable: new ones are added, none is renamed. */
export type ServerProblemCode =
  | 'UNREACHABLE'
  | 'NOT_PASSED_ON'
  | 'INTERNAL_HEADER_SENT'
  | 'FILE_NOT_SENT'
  | 'WRONG_BYTES'
  | 'WRONG_HEADERS'
  | 'NO_RANGES'
  | 'INTERNAL_URL_OPEN';

/** What a `WebServerCheck` has found wrong, with one storage. */
export interface ServerProblem {
  /** The name of the storage. */
  readonly storage: string;
  readonly code: ServerProblemCode;
  /** What is wrong, and what to look at, for whoever configures the web server. */
  readonly message: string;
}

/** What came back for a probe. */
export interface ProbeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether this app was asked. */
  readonly wasAsked: boolean;
  /** Whether the file came from a signed URL: its headers are the store's. */
  readonly isElsewhere: boolean;
}

/** What should have come back. */
export interface ExpectedAnswer {
  readonly status: 200 | 206;
  readonly body: string;
  readonly headers?: FileHeaders;
}

export type Finding = Omit<ServerProblem, 'storage'>;

const INTERNAL = ['x-accel-redirect', 'x-sendfile'];

/** The first thing that is wrong with an answer: what comes after it may be its consequence. */
export function problemOf(answer: ProbeAnswer, expected: ExpectedAnswer): Finding | undefined {
  const { status, headers, body, wasAsked, isElsewhere } = answer;
  const leaked = INTERNAL.find((name) => headers.has(name));
  if (leaked !== undefined) {
    return {
      code: 'INTERNAL_HEADER_SENT',
      message: `The header ${leaked} went to the client, and no file: what answers does not know it. Print its configuration with "nestjs-private-storage server-config", or choose another server.`,
    };
  }
  if (!wasAsked) {
    return {
      code: 'NOT_PASSED_ON',
      message: `The answer was ${status}, and this process was not asked: the URL leads elsewhere, the web server does not pass the path on, another process of the app answered, or a global guard of the app refused (give the check its credentials: { headers }).`,
    };
  }
  if (status === 200 && expected.status === 206) {
    return {
      code: 'NO_RANGES',
      message:
        'A Range was answered with the whole file: downloads cannot be resumed, and videos cannot be sought in.',
    };
  }
  if (status !== expected.status) {
    return {
      code: 'FILE_NOT_SENT',
      message: `The app handed the file over, and the web server answered ${status}: its internal location or root is wrong, or its user may not read the folder.`,
    };
  }
  if (body !== expected.body) {
    return {
      code: 'WRONG_BYTES',
      message: `The answer had ${body === '' ? 'no bytes' : "bytes other than the file's"}: the web server does not know the header, or its root is another folder.`,
    };
  }
  return expected.headers && !isElsewhere ? headersProblem(headers, expected.headers) : undefined;
}

export function unreachable(url: URL, failure: unknown): Finding {
  const reason = failure instanceof Error ? (failure.cause ?? failure) : failure;
  return {
    code: 'UNREACHABLE',
    message: `${url.origin} gave no answer (${reason instanceof Error ? reason.message : String(reason)}): is the web server running, and is that its address?`,
  };
}

/** A web server may add to a value; what the app said has to be in it. */
function headersProblem(headers: Headers, expected: FileHeaders): Finding | undefined {
  const wrong = Object.entries<string>({ ...expected }).find(
    ([name, value]) => !plain(headers.get(name) ?? '').includes(plain(value)),
  );
  if (!wrong) return undefined;
  const [name, value] = wrong;
  return {
    code: 'WRONG_HEADERS',
    message: `${name} should be "${value}" and is "${headers.get(name) ?? ''}": the web server has to keep what the app says of a file.`,
  };
}

function plain(value: string): string {
  return value.toLowerCase().replace(/\s/g, '');
}
