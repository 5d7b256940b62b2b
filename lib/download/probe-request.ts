import type { ProbeAnswer } from './server-problem.js';

const TIMEOUT_MS = 10_000;

type Answer = Omit<ProbeAnswer, 'wasAsked'>;

/** Asks as a client does, up to the place that a redirect leads to; a failure to get any answer is returned. */
export async function askForProbe(
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<Answer | { readonly failure: unknown }> {
  try {
    const first = await get(url, headers);
    const location = first.status === 302 ? first.headers.get('location') : null;
    if (location === null) return await answerOf(first, false);
    const { range } = headers;
    return await answerOf(await get(new URL(location, url), range ? { range } : {}), true);
  } catch (failure) {
    return { failure };
  }
}

/** Whether a file's text is there for the asking. */
export async function isOpen(
  url: URL,
  headers: Readonly<Record<string, string>>,
  text: string,
): Promise<boolean> {
  try {
    return (await (await get(url, headers)).text()).includes(text);
  } catch {
    return false;
  }
}

function get(url: URL, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(url, {
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

async function answerOf(response: Response, isElsewhere: boolean): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, body: await response.text(), isElsewhere };
}
