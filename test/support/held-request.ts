import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { readAnswer, type Answer, type HttpRequest } from './token-client.js';

/** Enough for the service to look at whatever it looks at before the body is there. */
const LOOKED_MS = 30;
/** Of a body, what is sent only at the end: less than the trailer of a pack. */
const LAST_BYTES = 10;

export interface HeldRequest {
  /** Sends the rest of the body. */
  readonly finish: () => Promise<Answer>;
  /** The answer to what was sent so far, from a server that waits no longer. */
  readonly answer: Promise<Answer>;
}

/** Begins a request, and keeps the end of its body back. The service is at work on it by then. */
export async function holdRequest(
  origin: string,
  { method, target, headers = {}, body = '' }: HttpRequest,
): Promise<HeldRequest> {
  const { hostname, port } = new URL(origin);
  const bytes = Buffer.from(body);
  const length = String(bytes.length);
  const request = httpRequest({
    host: hostname,
    port,
    method,
    path: target,
    headers: { ...headers, 'content-length': length, expect: '100-continue' },
    agent: false,
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  }).then(readAnswer);
  // Whoever waits for it sees it fail; nobody may.
  answer.catch(() => undefined);
  const goesOn = new Promise<void>((resolve) => request.once('continue', resolve));
  request.flushHeaders();
  await Promise.race([goesOn, answer]);
  request.write(bytes.subarray(0, -LAST_BYTES));
  await pause(LOOKED_MS);
  return {
    answer,
    async finish() {
      request.end(bytes.subarray(-LAST_BYTES));
      return await answer;
    },
  };
}
