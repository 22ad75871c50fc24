import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { createSlots, type TakeSlot } from '../../../src/git/slots.js';

const LIMITS = { maxProcesses: 1, maxQueue: 10, queueSeconds: 600 };

let lastNumber = 0;

/** Another each time. */
function someone(): string {
  return `user-${(lastNumber += 1)}`;
}

function stays(): AbortSignal {
  return new AbortController().signal;
}

/** The code of the error that it fails with; null when it does not fail. */
async function failure(taking: Promise<unknown>): Promise<string | null> {
  return await taking.then(
    () => null,
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

/** Notes its name when it has its turn. */
async function queueUp(take: TakeSlot, name: string, turns: string[]): Promise<() => void> {
  const release = await take(stays(), someone());
  turns.push(name);
  return release;
}

describe('createSlots', () => {
  it('lets so many run at once as are configured', async () => {
    const { take } = createSlots({ ...LIMITS, maxProcesses: 3, maxQueue: 0 });

    const taken = await Promise.all([
      take(stays(), someone()),
      take(stays(), someone()),
      take(stays(), someone()),
    ]);

    expect(taken).to.have.length(3);
    expect(await failure(take(stays(), someone()))).to.equal('unavailable');
  });

  it('refuses at once those that find the queue full', async () => {
    const { take } = createSlots({ ...LIMITS, maxQueue: 1 });
    const release = await take(stays(), someone());
    const waiting = take(stays(), someone());

    const refused = await failure(take(stays(), someone()));

    expect(refused).to.equal('unavailable');
    release();
    (await waiting)();
  });

  it('serves those that wait in the order in which they came', async () => {
    const { take } = createSlots(LIMITS);
    const turns: string[] = [];
    const first = await take(stays(), someone());
    const waiting = ['a', 'b', 'c'].map(async (name) => await queueUp(take, name, turns));

    first();
    for (const turn of waiting) {
      (await turn)();
    }

    expect(turns).to.deep.equal(['a', 'b', 'c']);
  });

  it('starts only one of those that wait for each place that is given back', async () => {
    const { take } = createSlots({ ...LIMITS, maxProcesses: 2 });
    const turns: string[] = [];
    const [first, second] = await Promise.all([take(stays(), someone()), take(stays(), someone())]);
    const waiting = ['a', 'b'].map(async (name) => await queueUp(take, name, turns));

    first();
    const releaseFirst = await waiting[0];

    expect(turns).to.deep.equal(['a']);
    releaseFirst?.();
    second();
    (await waiting[1])?.();
    expect(turns).to.deep.equal(['a', 'b']);
  });

  it('gives the place of one that leaves the queue to the next', async () => {
    const { take } = createSlots({ ...LIMITS, maxQueue: 1 });
    const leaving = new AbortController();
    const release = await take(stays(), someone());
    const left = failure(take(leaving.signal, someone()));
    leaving.abort();
    const code = await left;

    const next = take(stays(), someone());
    release();

    expect(code).to.equal('unavailable');
    (await next)();
  });

  it('starts nobody who has left', async () => {
    const { take } = createSlots({ ...LIMITS, maxQueue: 1 });
    const leaving = new AbortController();
    const release = await take(stays(), someone());
    const left = failure(take(leaving.signal, someone()));
    leaving.abort();
    await left;

    release();

    // The place is free: the first who comes has it, and does not wait.
    (await take(stays(), someone()))();
  });

  it('queues nobody who has left before', async () => {
    const { take } = createSlots({ ...LIMITS, maxQueue: 1 });
    const release = await take(stays(), someone());

    const code = await failure(take(AbortSignal.abort(), someone()));

    expect(code).to.equal('unavailable');
    const next = take(stays(), someone());
    release();
    (await next)();
  });

  it('keeps the place of one that has its turn when it leaves later', async () => {
    const { take } = createSlots({ ...LIMITS, maxQueue: 0 });
    const leaving = new AbortController();
    const release = await take(leaving.signal, someone());

    leaving.abort();

    expect(await failure(take(stays(), someone()))).to.equal('unavailable');
    release();
    (await take(stays(), someone()))();
  });

  it('ends the wait of those that wait for too long', async () => {
    const { take } = createSlots({ ...LIMITS, queueSeconds: 1 });
    const release = await take(stays(), someone());

    const code = await failure(take(stays(), someone()));

    expect(code).to.equal('unavailable');
    release();
    (await take(stays(), someone()))();
  });

  it('takes a place back only once', async () => {
    const { take } = createSlots({ ...LIMITS, maxQueue: 0 });
    const release = await take(stays(), someone());
    release();
    release();

    const next = await take(stays(), someone());
    release();

    expect(await failure(take(stays(), someone()))).to.equal('unavailable');
    next();
  });

  it('takes a place back only once from one that waited', async () => {
    const { take } = createSlots(LIMITS);
    const turns: string[] = [];
    const first = await take(stays(), someone());
    const waiting = ['a', 'b', 'c'].map(async (name) => await queueUp(take, name, turns));
    first();
    const release = await waiting[0];

    release?.();
    release?.();
    await waiting[1];

    expect(turns).to.deep.equal(['a', 'b']);
  });

  it('gives nobody more than half of the places, and the others to whoever comes', async () => {
    const { take, load } = createSlots({ ...LIMITS, maxProcesses: 4 });
    const ada = [await take(stays(), 'ada'), await take(stays(), 'ada')];
    const third = take(stays(), 'ada');

    expect(load()).to.deep.equal({ running: 2, waiting: 1, limit: 4 });
    await Promise.all([take(stays(), 'grace'), take(stays(), 'grace')]);
    expect(load()).to.deep.equal({ running: 4, waiting: 1, limit: 4 });
    ada[0]?.();
    await third;
    expect(load()).to.deep.equal({ running: 4, waiting: 0, limit: 4 });
  });

  it('passes over whoever has half of the places, for those who came later', async () => {
    const { take } = createSlots({ ...LIMITS, maxProcesses: 2 });
    const turns: string[] = [];
    await take(stays(), 'ada');
    const other = await take(stays(), 'grace');
    void take(stays(), 'ada').then(() => turns.push('ada'));
    const alan = take(stays(), 'alan').then(() => turns.push('alan'));

    other();
    await alan;

    expect(turns).to.deep.equal(['alan']);
  });

  it('lets nobody have more than half of the queue', async () => {
    const { take, load } = createSlots({ ...LIMITS, maxQueue: 4 });
    await take(stays(), 'ada');
    void take(stays(), 'ada');
    void take(stays(), 'ada');

    expect(await failure(take(stays(), 'ada'))).to.equal('unavailable');
    void take(stays(), 'grace');
    expect(load().waiting).to.equal(3);
  });
});
