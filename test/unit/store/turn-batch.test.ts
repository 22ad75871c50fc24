import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { batchByTurn, type TurnBatchOptions } from '../../../src/store/turn-batch.js';

interface Load {
  readonly questions: readonly number[];
  /** Answers each question with its tenfold. */
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

function aBatch(limits: Partial<Pick<TurnBatchOptions<number, number>, 'atMost' | 'inFlight'>>): {
  ask: (question: number) => Promise<number>;
  loads: Load[];
} {
  const loads: Load[] = [];
  const ask = batchByTurn<number, number>({
    load: async (questions) =>
      await new Promise((resolve, reject) => {
        function finish(): void {
          resolve(questions.map((question) => () => question * 10));
        }
        loads.push({ questions, finish, fail: reject });
      }),
    atMost: 64,
    inFlight: 2,
    ...limits,
  });
  return { ask, loads };
}

async function failureOf(answer: Promise<unknown>): Promise<unknown> {
  return await answer.then(
    () => null,
    (error: unknown) => error,
  );
}

describe('batchByTurn', () => {
  it('loads together what is asked in one turn, and answers each its own', async () => {
    const { ask, loads } = aBatch({});
    const answers = Promise.all([ask(3), ask(1), ask(2), ask(1)]);
    await nextTurn();

    loads[0]?.finish();

    expect(loads.map(({ questions }) => questions)).to.deep.equal([[3, 1, 2, 1]]);
    expect(await answers).to.deep.equal([30, 10, 20, 10]);
  });

  it('lets no question join a load that has started: what it reads may be older than the question', async () => {
    const { ask, loads } = aBatch({});
    const first = ask(1);
    await nextTurn();

    const second = ask(1);
    await nextTurn();
    loads.forEach(({ finish }) => finish());

    expect(loads.map(({ questions }) => questions)).to.deep.equal([[1], [1]]);
    expect(await Promise.all([first, second])).to.deep.equal([10, 10]);
  });

  it('runs as many loads at once as it may, and the others when one of them ends', async () => {
    const { ask, loads } = aBatch({ atMost: 2, inFlight: 2 });
    const answers = Promise.all([1, 2, 3, 4, 5].map(ask));
    await nextTurn();
    const atOnce = loads.map(({ questions }) => questions);

    loads.forEach(({ finish }) => finish());
    await nextTurn();
    await nextTurn();
    loads[2]?.finish();

    expect(atOnce).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
    expect(await answers).to.deep.equal([10, 20, 30, 40, 50]);
  });

  it('starts a load in the middle of a turn, once as many are asked as one load takes', async () => {
    const { ask, loads } = aBatch({ atMost: 2, inFlight: 2 });

    const answers = Promise.all([1, 2, 3].map(ask));
    const inThisTurn = loads.map(({ questions }) => questions);
    await nextTurn();
    loads.forEach(({ finish }) => finish());

    expect(inThisTurn).to.deep.equal([[1, 2]]);
    expect(loads.map(({ questions }) => questions)).to.deep.equal([[1, 2], [3]]);
    expect(await answers).to.deep.equal([10, 20, 30]);
  });

  it('fails what waits behind a load that fails, and starts afresh with what is asked then', async () => {
    const { ask, loads } = aBatch({ atMost: 1, inFlight: 1 });
    const failures = Promise.all([1, 2].map(async (question) => await failureOf(ask(question))));
    await nextTurn();
    const error = new Error('the database is away');

    loads[0]?.fail(error);
    const failed = await failures;
    const later = ask(3);
    await nextTurn();
    loads[1]?.finish();

    expect(failed).to.deep.equal([error, error]);
    expect(await later).to.equal(30);
    expect(loads.map(({ questions }) => questions)).to.deep.equal([[1], [3]]);
  });

  it('asks nothing when nothing is asked', async () => {
    const { loads } = aBatch({});

    await nextTurn();

    expect(loads).to.deep.equal([]);
  });
});
