import { z } from 'zod';
import { PROBE_PATH } from '../http/probe-routes.js';
import { askForJson, type Question } from './ask.js';
import type { Seen } from './observations.js';

/** Of several processes behind one address, some would answer each time. */
const TIMES = 4;

const ProbeAnswer = z.discriminatedUnion('authorization', [
  z.object({ authorization: z.enum(['absent', 'unknown']) }),
  z.object({
    authorization: z.literal('own'),
    instance: z.string(),
    forwarded: z.enum(['absent', 'believed', 'ignored']),
    peer: z.string(),
  }),
]);

/** Asks whoever is behind the realm what arrives of a request; null for who is no Pullgate. */
export async function probe(
  realm: string,
  question: Omit<Question, 'url'>,
): Promise<readonly (Seen | null)[]> {
  const url = `${new URL(realm).origin}${PROBE_PATH}`;
  const answers: (Seen | null)[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const parsed = ProbeAnswer.safeParse(await askForJson({ ...question, url }));
    answers.push(parsed.success ? parsed.data : null);
  }
  return answers;
}
