/** Asks for tokens at a steady pace, while something else goes on. */

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from './statistics.mjs';

const PER_SECOND = 50;
const TOKENS = 1000;
/** An answer that takes longer is counted as one of this length. */
const PATIENCE_MS = 15_000;

/**
 * Each request has its own time, whatever becomes of those before it, and one of a server that does nothing
 * beside it: on a busy machine that waits, too. Gives the latencies in milliseconds, and how many answers
 * were none, or wrong.
 */
export async function probeWhile(server, bare, questionOf, work) {
  const agent = new Agent({ keepAlive: true });
  const asked = [];
  const askedBare = [];
  const over = new AbortController();
  const ended = work().finally(() => over.abort());
  for (let number = 0; !over.signal.aborted; number += 1) {
    asked.push(askToken(server, agent, questionOf(number % TOKENS)));
    askedBare.push(askToken(bare, agent, questionOf(number % TOKENS)));
    await Promise.race([pause(1000 / PER_SECOND), ended.catch(() => {})]);
  }
  const answers = await Promise.all(asked);
  const bareAnswers = await Promise.all(askedBare);
  agent.destroy();
  await ended;
  return {
    ...latenciesOf(answers),
    wrong: answers.filter(({ isRight }) => !isRight).length,
    bare: latenciesOf(bareAnswers),
  };
}

function latenciesOf(answers) {
  const sorted = answers.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  return {
    answers: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    max: sorted.at(-1),
  };
}

async function askToken({ port }, agent, { target, authorization }) {
  const startedAt = performance.now();
  const status = await ask({ port, path: target, agent, headers: { authorization } });
  return { milliseconds: performance.now() - startedAt, isRight: status === 200 };
}

/** The status; null where there was no answer. */
export async function ask({ port, path, agent, headers = {} }) {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const sent = request({ host: '127.0.0.1', port, path, agent, headers, signal }).end();
    const [answer] = await once(sent, 'response');
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode;
  } catch {
    return null;
  }
}
