import { expect } from 'chai';
import {
  createGuessLedger,
  type Guess,
  type GuessLedger,
  type Outcome,
  type Verdict,
} from '../../../src/services/guess-ledger.js';
import { megabytesKeptBy } from '../../support/heap.js';

const MINUTE_MS = 60_000;

describe('the ledger of guesses', () => {
  let time = 0;
  let ledger: GuessLedger;

  beforeEach(() => {
    time = 0;
    ledger = createGuessLedger({ clock: () => time, patienceMs: 5 });
  });

  async function end(guess: Guess, outcome: Outcome): Promise<string> {
    const verdict = await ledger.begin(guess);
    if (verdict.kind === 'compare') {
      verdict.finish(outcome);
    }
    return verdict.kind;
  }

  async function guessWrong(times: number, more: Partial<Guess> = {}): Promise<string[]> {
    const kinds = [];
    for (let i = 0; i < times; i += 1) {
      kinds.push(await end(guessOf(more), 'wrong'));
    }
    return kinds;
  }

  it('tells how long it is until the window of the first wrong one ends', async () => {
    await guessWrong(1);
    time = 5 * MINUTE_MS;
    await guessWrong(9);

    expect(await ledger.begin(guessOf())).to.deep.equal({
      kind: 'too-many',
      retryAfterSeconds: 10 * 60,
    });
    time = 15 * MINUTE_MS;
    expect(await end(guessOf(), 'right')).to.equal('compare');
  });

  it('lets run at once what is left of the budget, and the others wait', async () => {
    await guessWrong(7);
    const others = Array.from({ length: 5 }, () => ledger.begin(guessOf()));
    const running = await Promise.all(others.slice(0, 3));
    const waiting = settledKinds(others.slice(3));
    const before = [...waiting];

    finish(running[0], 'unknown');
    finish(running[1], 'wrong');
    finish(running[2], 'right');
    await Promise.all(others);

    expect(running.map(({ kind }) => kind)).to.deep.equal(['compare', 'compare', 'compare']);
    expect(before).to.deep.equal([]);
    expect(waiting).to.deep.equal(['compare', 'compare']);
  });

  it('refuses those that wait when the ones in front of them use the budget up', async () => {
    await guessWrong(9);
    const last = await ledger.begin(guessOf());
    const waiting = [ledger.begin(guessOf()), ledger.begin(guessOf())];

    finish(last, 'wrong');

    expect((await Promise.all(waiting)).map(({ kind }) => kind)).to.deep.equal([
      'too-many',
      'too-many',
    ]);
  });

  it('answers one that waits for the same wrong secret from memory', async () => {
    await guessWrong(9);
    const first = await ledger.begin(guessOf({ digest: 'the same' }));
    const second = ledger.begin(guessOf({ digest: 'the same' }));

    finish(first, 'wrong');

    expect((await second).kind).to.equal('known-wrong');
  });

  it('gives one that waits too long up', async () => {
    const running = await Promise.all(
      Array.from({ length: 10 }, async () => await ledger.begin(guessOf())),
    );
    const waited = await ledger.begin(guessOf());

    expect(running.map(({ kind }) => kind)).to.deep.equal(Array(10).fill('compare'));
    expect(waited.kind).to.equal('busy');
  });

  it('counts the end of a comparison once', async () => {
    const verdict = await ledger.begin(guessOf());
    finish(verdict, 'unknown');
    finish(verdict, 'wrong');

    expect((await guessWrong(11)).filter((kind) => kind === 'compare')).to.have.lengthOf(10);
  });

  // One network sends thousands at the same moment, each under another name. None of them may wait for
  // longer than the queue is, nor fill it for the others.
  it('lets only so many of one network wait, and others pass', async () => {
    const flood = Array.from(
      { length: 5000 },
      async (_, i) => await ledger.begin(guessOf({ account: { key: `name ${i}`, most: 10 } })),
    );
    const elsewhere = await ledger.begin(
      guessOf({ account: { key: 'ada', most: 10 }, networks: [{ key: 'elsewhere', most: 100 }] }),
    );
    const kinds = (await Promise.all(flood)).map(({ kind }) => kind);

    expect(elsewhere.kind).to.equal('compare');
    expect(kinds.filter((kind) => kind === 'compare')).to.have.lengthOf(10);
    expect(kinds.filter((kind) => kind === 'busy')).to.have.lengthOf(4990);
  });

  it('lets those who got in before pass a queue that others of their network fill', async () => {
    await end(guessOf(), 'right');
    const flood = Array.from(
      { length: 500 },
      async (_, i) => await ledger.begin(guessOf({ account: { key: `name ${i}`, most: 10 } })),
    );

    const known = await Promise.all(
      Array.from({ length: 10 }, async () => await ledger.begin(guessOf())),
    );
    const unknown = await ledger.begin(guessOf({ account: { key: 'grace', most: 10 } }));
    await Promise.all(flood);

    expect(known.map(({ kind }) => kind)).to.deep.equal(Array(10).fill('compare'));
    expect(unknown.kind).to.equal('busy');
  });

  // The limiter before this kept 1.2 kB for each guess of the last 15 minutes, without a bound: 1.4 GB in
  // a window from one IPv6 /48. Here 100,000 guesses come from all over, each from another network
  // under another name, and each of them is wrong.
  it('keeps no more of guesses than its bound, whatever comes', async () => {
    const megabytes = await megabytesKeptBy(async () => {
      for (let i = 0; i < 100_000; i += 1) {
        const networks = ['/64', '/56', '/48'].map((size) => ({ key: `${i} ${size}`, most: 100 }));
        await end({ account: { key: `name ${i}`, most: 10 }, networks, digest: `${i}` }, 'wrong');
      }
    });

    expect(megabytes).to.be.within(1, 40);
  }).timeout(60_000);

  it('keeps no more of those who got in than its bound', async () => {
    const megabytes = await megabytesKeptBy(async () => {
      for (let i = 0; i < 40_000; i += 1) {
        await end(guessOf({ account: { key: `name ${i}`, most: 10 } }), 'right');
      }
    });

    expect(megabytes).to.be.at.most(5);
  }).timeout(60_000);
});

let lastDigest = 0;

function guessOf(more: Partial<Guess> = {}): Guess {
  lastDigest += 1;
  return {
    account: { key: 'ada', most: 10 },
    networks: [{ key: '192.0.2.1', most: 100 }],
    digest: `digest ${lastDigest}`,
    ...more,
  };
}

function finish(verdict: Verdict | undefined, outcome: Outcome): void {
  if (verdict?.kind !== 'compare') {
    throw new Error('This was not to be compared.');
  }
  verdict.finish(outcome);
}

/** Fills up as they settle. */
function settledKinds(verdicts: readonly Promise<Verdict>[]): string[] {
  const kinds: string[] = [];
  for (const verdict of verdicts) {
    void verdict.then(({ kind }) => kinds.push(kind));
  }
  return kinds;
}
