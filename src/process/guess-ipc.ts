/** One count of wrong passwords for all workers: the primary keeps it, and they ask. */

import { z } from 'zod';
import {
  createGuessLedger,
  PATIENCE_MS,
  type Guess,
  type GuessLedger,
  type Outcome,
  type Verdict,
} from '../services/guess-ledger.js';

/** A primary that has not even heard the question by then hangs. */
const HEARD_MS = 1000;

const Budget = z.object({ key: z.string(), most: z.int() });
const QuestionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('guess-key'), question: z.int() }),
  z.object({
    type: z.literal('guess-begin'),
    question: z.int(),
    guess: z.object({ account: Budget, networks: z.array(Budget).readonly(), digest: z.string() }),
  }),
  z.object({
    type: z.literal('guess-finish'),
    question: z.int(),
    outcome: z.enum(['right', 'wrong', 'unknown']),
  }),
]);
type Question = z.infer<typeof QuestionSchema>;

const AnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('guess-key'), question: z.int(), key: z.base64() }),
  z.object({ type: z.literal('guess-heard'), question: z.int() }),
  z.object({
    type: z.literal('guess-verdict'),
    question: z.int(),
    verdict: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('compare'), isKnownNetwork: z.boolean() }),
      z.object({ kind: z.literal('known-wrong') }),
      z.object({ kind: z.literal('too-many'), retryAfterSeconds: z.int() }),
      z.object({ kind: z.literal('busy') }),
    ]),
  }),
]);
type Answer = z.infer<typeof AnswerSchema>;
type VerdictAnswer = Extract<Answer, { readonly type: 'guess-verdict' }>;

/** The channel to the process at the other end. */
export interface Peer {
  /** Its end is told elsewhere: what does not reach it is lost. */
  readonly send: (message: Question | Answer) => void;
  readonly receive: (listener: (message: unknown) => void) => void;
}

/** In the primary: answers a worker. Returns what to call at its end, to give back what it had begun. */
export function answerGuesses(worker: Peer, ledger: GuessLedger): () => void {
  const begun = new Map<number, (outcome: Outcome) => void>();
  let hasEnded = false;

  async function begin(question: number, guess: Guess): Promise<void> {
    worker.send({ type: 'guess-heard', question });
    const verdict = await ledger.begin(guess);
    if (verdict.kind !== 'compare') {
      worker.send({ type: 'guess-verdict', question, verdict });
    } else if (hasEnded) {
      verdict.finish('unknown');
    } else {
      begun.set(question, verdict.finish);
      const { kind, isKnownNetwork } = verdict;
      worker.send({ type: 'guess-verdict', question, verdict: { kind, isKnownNetwork } });
    }
  }

  worker.receive((message) => {
    const asked = QuestionSchema.safeParse(message).data;
    switch (asked?.type) {
      case 'guess-key':
        worker.send({ ...asked, key: ledger.key.toString('base64') });
        break;
      case 'guess-begin':
        void begin(asked.question, asked.guess);
        break;
      case 'guess-finish':
        begun.get(asked.question)?.(asked.outcome);
        begun.delete(asked.question);
        break;
      case undefined:
    }
  });
  return () => {
    hasEnded = true;
    for (const finish of begun.values()) {
      finish('unknown');
    }
  };
}

/** In a worker: the ledger of the primary, or one of its own while the primary hangs. */
export async function guessesOfPrimary(primary: Peer): Promise<GuessLedger> {
  const own = createGuessLedger();
  const asked = new Map<number, (answer: Answer) => void>();
  let lastQuestion = 0;

  /** Null when the answer does not come in time. */
  async function ask(
    make: (question: number) => Question,
    heardMs = HEARD_MS,
  ): Promise<Answer | null> {
    lastQuestion += 1;
    const question = lastQuestion;
    try {
      return await new Promise((resolve) => {
        let patience = setTimeout(resolve, heardMs, null);
        asked.set(question, (answer) => {
          clearTimeout(patience);
          if (answer.type === 'guess-heard') {
            patience = setTimeout(resolve, PATIENCE_MS + HEARD_MS, null);
          } else {
            resolve(answer);
          }
        });
        primary.send(make(question));
      });
    } finally {
      asked.delete(question);
    }
  }
  function receive(answer: Answer): void {
    const expected = asked.get(answer.question);
    if (expected !== undefined) {
      expected(answer);
    } else if (answer.type === 'guess-verdict' && answer.verdict.kind === 'compare') {
      // Too late: the ledger here has judged it.
      primary.send({ type: 'guess-finish', question: answer.question, outcome: 'unknown' });
    }
  }
  function verdictOf({ question, verdict }: VerdictAnswer): Verdict {
    return verdict.kind === 'compare'
      ? {
          ...verdict,
          finish: (outcome) => primary.send({ type: 'guess-finish', question, outcome }),
        }
      : verdict;
  }

  primary.receive((message) => {
    const { data } = AnswerSchema.safeParse(message);
    if (data !== undefined) {
      receive(data);
    }
  });
  // The primary has just started this worker, and is not thought to hang; with another key nothing that
  // the others have counted would be found.
  const named = await ask((question) => ({ type: 'guess-key', question }), PATIENCE_MS);
  return {
    key: named?.type === 'guess-key' ? Buffer.from(named.key, 'base64') : own.key,
    async begin(guess) {
      const answer = await ask((question) => ({ type: 'guess-begin', question, guess }));
      return answer?.type === 'guess-verdict' ? verdictOf(answer) : await own.begin(guess);
    },
  };
}
