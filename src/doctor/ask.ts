import type { Answer, NoAnswer, Reached } from './observations.js';

const TIMEOUT_MS = 5000;
/** What a probe answers has a tenth of this. */
const MAX_BYTES = 4096;

export interface Question {
  readonly url: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly bearer?: string;
}

/** What answers at an address, or why nothing does. */
export async function ask(question: Question): Promise<Reached> {
  try {
    const { answer, body } = await send(question);
    await body?.cancel();
    return answer;
  } catch (error) {
    return failureOf(error);
  }
}

/** The JSON that an address answers with, whatever its status; null where it is none. */
export async function askForJson(question: Question): Promise<unknown> {
  try {
    const { body } = await send({ ...question, isAlone: true });
    return JSON.parse(await readAtMost(body));
  } catch {
    return null;
  }
}

async function send({
  url,
  now,
  signal,
  bearer,
  isAlone = false,
}: Question & { readonly isAlone?: boolean }): Promise<{
  readonly answer: Answer;
  readonly body: Response['body'];
}> {
  const before = now().getTime();
  const response = await fetch(url, {
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      // On a connection of its own, it may reach another process.
      ...(isAlone && { connection: 'close' }),
    },
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const between = (before + now().getTime()) / 2;
  const { status, headers, body } = response;
  const date = Date.parse(headers.get('date') ?? '');
  return {
    answer: {
      status,
      challenge: headers.get('www-authenticate'),
      location: headers.get('location'),
      secondsAhead: Number.isNaN(date) ? null : Math.round((date - between) / 1000),
    },
    body,
  };
}

async function readAtMost(body: Response['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the rest.
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) {
      throw new RangeError('The answer is too long.');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak https',
};

const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its CA is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its CA is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its CA is not known, or the certificate in between is not sent',
};

/** `fetch` says why only in the cause of its error. */
function failureOf(error: unknown): NoAnswer {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return { failure: `no answer within ${TIMEOUT_MS / 1000} seconds` };
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const untrusted = UNTRUSTED[code];
  return untrusted === undefined
    ? { failure: REASONS[code] ?? (code === '' ? 'no answer' : code) }
    : { failure: untrusted, isUntrusted: true };
}
