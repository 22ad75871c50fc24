import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { answerGuesses, guessesOfPrimary, type Peer } from '../../../src/process/guess-ipc.js';
import {
  createGuessLedger,
  type Guess,
  type GuessLedger,
  type Outcome,
} from '../../../src/services/guess-ledger.js';

describe('the ledger of the primary', () => {
  let primary: GuessLedger;

  beforeEach(() => {
    primary = createGuessLedger();
  });

  async function startWorker(): Promise<{ ledger: GuessLedger; end: () => void }> {
    const [ours, theirs] = channel();
    const end = answerGuesses(ours, primary);
    return { ledger: await guessesOfPrimary(theirs), end };
  }

  it('counts by one key for all workers', async () => {
    const [one, two] = [await startWorker(), await startWorker()];

    expect(one.ledger.key.equals(primary.key)).to.equal(true);
    expect(two.ledger.key.equals(primary.key)).to.equal(true);
  });

  it('tells each worker what the others have found out', async () => {
    const [one, two] = [await startWorker(), await startWorker()];
    for (let i = 0; i < 10; i += 1) {
      await finish(i % 2 === 0 ? one.ledger : two.ledger, guessOf(`guess ${i}`), 'wrong');
    }

    expect(await two.ledger.begin(guessOf('guess 0'))).to.deep.equal({ kind: 'known-wrong' });
    expect(await one.ledger.begin(guessOf('another'))).to.include({ kind: 'too-many' });
    expect((await two.ledger.begin(guessOf('another'))).kind).to.equal('too-many');
  });

  // A worker is killed while it compares ten passwords of one user, and more wait for them. If nobody
  // gave their places back, that user would wait in vain until the service is started again.
  it('gives back what a worker had begun when it ended, and what it waited for', async () => {
    const [one, two] = [await startWorker(), await startWorker()];
    for (let i = 0; i < 10; i += 1) {
      await one.ledger.begin(guessOf(`running ${i}`));
    }
    for (let i = 0; i < 10; i += 1) {
      void one.ledger.begin(guessOf(`waiting ${i}`));
    }
    await nextTurn();

    one.end();

    const verdicts = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => await two.ledger.begin(guessOf(`other ${i}`))),
    );
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(Array(10).fill('compare'));
  });
});

/** Both ends of one; what is sent arrives as a copy, later. */
function channel(): readonly [Peer, Peer] {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []];
  function endOf(own: 0 | 1, other: 0 | 1): Peer {
    return {
      send(message) {
        const copy: unknown = structuredClone(message);
        setImmediate(() => listeners[other].forEach((listener) => listener(copy)));
      },
      receive: (listener) => listeners[own].push(listener),
    };
  }
  return [endOf(0, 1), endOf(1, 0)];
}

async function finish(ledger: GuessLedger, guess: Guess, outcome: Outcome): Promise<void> {
  const verdict = await ledger.begin(guess);
  if (verdict.kind === 'compare') {
    verdict.finish(outcome);
  }
}

function guessOf(digest: string): Guess {
  return {
    account: { key: 'ada', most: 10 },
    networks: [{ key: '192.0.2.1', most: 100 }],
    digest,
  };
}
